import './mortal.ts'

await import('../../collector/partitions-thread.ts')
