import { galleryIsForEveryone } from './gallery-for-everyone.ts'

galleryIsForEveryone([
  { language: 'en', theme: 'light', width: 1_280, isShown: () => true },
  { language: 'fr-CA', theme: 'dark', width: 320, isShown: () => true },
])
