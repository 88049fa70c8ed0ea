import { hindrances, watch } from './debug.ts'

const tell = (line: string) => console.info(`Leadwake: ${line}`)
const tag = document.querySelector<HTMLScriptElement>('script[data-debug]')

watch(window, tell)
if (tag) for (const line of hindrances(tag, window)) tell(line)
tell('what follows is what is sent; the first view went before this file came')
