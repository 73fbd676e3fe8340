import { galleryIsForEveryone } from './gallery-for-everyone.ts'

// Each state in one of the two; in both by `pnpm test:slow`.
galleryIsForEveryone([
  { language: 'en', theme: 'light', width: 1_280, isShown: (index) => index % 2 === 0 },
  { language: 'fr-CA', theme: 'dark', width: 320, isShown: (index) => index % 2 === 1 },
])
