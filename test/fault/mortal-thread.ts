import './mortal.ts'

await import('../../collector/projector-thread.ts')
