import { galleryIsForEveryone } from './gallery-for-everyone.ts'

// Every fourth state in one of the two; all of them in both by `pnpm test:slow`.
galleryIsForEveryone([
  { language: 'en', theme: 'light', width: 1_280, isShown: (index) => index % 8 === 0 },
  { language: 'fr-CA', theme: 'dark', width: 320, isShown: (index) => index % 8 === 4 },
])
