import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { languageNames } from '@pms/shared/languages'
import { states } from './states.tsx'
import './gallery.css'

const looks = languageNames.flatMap((language) =>
  (['light', 'dark'] as const).flatMap((theme) =>
    (['phone', 'desk'] as const).map((size) => ({ language, theme, size })),
  ),
)

/** Every state of the page, side by side: both languages, light and dark, phone and desk. */
function Gallery() {
  return (
    <>
      <nav>
        <h1>Every state of the page</h1>
        {Object.keys(states).map((name) => (
          <a key={name} href={`#${encodeURIComponent(name)}`}>
            {name}
          </a>
        ))}
      </nav>
      <main>
        {Object.keys(states).map((name) => (
          <section key={name} id={encodeURIComponent(name)}>
            <h2>{name}</h2>
            <div className="row">
              {looks.map(({ language, theme, size }) => (
                <figure key={`${language} ${theme} ${size}`} className={size}>
                  <figcaption>
                    {language}, {theme}, {size}
                  </figcaption>
                  {/* oxlint-disable-next-line react/iframe-missing-sandbox -- our own components, from this very folder */}
                  <iframe
                    title={`${name}, ${language}, ${theme}, ${size}`}
                    loading="lazy"
                    src={`cell.html?${String(new URLSearchParams({ state: name, language, theme }))}`}
                  />
                </figure>
              ))}
            </div>
          </section>
        ))}
      </main>
    </>
  )
}

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <Gallery />
  </StrictMode>,
)
