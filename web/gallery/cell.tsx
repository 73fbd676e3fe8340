import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { httpLink } from '@trpc/client'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { trpc } from '../src/api/trpc.ts'
import { Toasts } from '../src/ui/toasts.tsx'
import { languageNames } from '@pms/shared/languages'
import { languages } from '../src/words/catalogue.ts'
import { StepWordsContext } from '../src/words/step-words.ts'
import { Speaking } from '../src/words/use-words.tsx'
import { states } from './states.tsx'
import '../src/ui/theme.css'
import '../src/ui/elements.css'
import '../src/ui/page-frame.css'
import '../src/setup/wizard.css'
import '../src/setup/setup.css'

/** One state, as `?state=&language=&theme=` say. A button that would call the server waits for ever. */
const query = new URLSearchParams(window.location.search)
const language = languageNames.find((name) => name === query.get('language')) ?? 'en'
const state = states[query.get('state') ?? '']
const root = document.getElementById('root')
if (!root || !state) throw new Error('The gallery has no such state')

document.documentElement.style.colorScheme = query.get('theme') ?? 'light'

const queryClient = new QueryClient()
const noServer = trpc.createClient({ links: [httpLink({ url: '/trpc', fetch: () => new Promise(() => undefined) })] })
const [words, stepWords] = await Promise.all([languages[language].load(), languages[language].loadSteps()])

createRoot(root).render(
  <StrictMode>
    <Speaking first={{ language, words }}>
      <trpc.Provider client={noServer} queryClient={queryClient}>
        <QueryClientProvider client={queryClient}>
          <StepWordsContext value={stepWords}>
            <Toasts>{state()}</Toasts>
          </StepWordsContext>
        </QueryClientProvider>
      </trpc.Provider>
    </Speaking>
  </StrictMode>,
)
