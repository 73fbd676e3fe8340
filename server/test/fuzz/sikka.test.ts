import { fuzzSikka } from '../sized/fuzz-sikka.ts'

fuzzSikka(400)
