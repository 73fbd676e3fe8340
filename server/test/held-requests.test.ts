import { heldRequests } from './sized/held-requests.ts'

heldRequests(1_000)
