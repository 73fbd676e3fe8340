import { tellStates } from './states.ts'

tellStates(['denied', 'no practice found', 'several practices'])
