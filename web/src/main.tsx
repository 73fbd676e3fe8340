import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { languages } from './words/catalogue.ts'
import { firstLanguage } from './words/choose-language.ts'
import { Speaking } from './words/use-words.tsx'
import './ui/theme.css'
import './ui/elements.css'
import './ui/page-frame.css'
import './setup/wizard.css'
import './setup/setup.css'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

const language = firstLanguage()

languages[language].load().then(
  (words) =>
    createRoot(root).render(
      <StrictMode>
        <Speaking first={{ language, words }}>
          <App />
        </Speaking>
      </StrictMode>,
    ),
  () => {
    // Without words there is no page: these are said in the languages that there are.
    root.textContent =
      'This page could not be loaded completely. Please reload it. / Cette page n’a pas pu être chargée au complet. Veuillez la recharger.'
  },
)
