import { twoServers } from './sized/two-servers.ts'

twoServers(10)
