import type { Context } from 'hono'
import { answer } from './answer.tsx'
import type { Frame } from './layout.tsx'
import { Layout } from './layout.tsx'
import { useLocale } from './locale.ts'
import type { Strings } from './strings/en.ts'

/** A page that says one thing and where to go from here. */
export function Message(props: {
  title: string
  text: string
  command?: string
  to: string
  link: string
  frame?: Frame
}) {
  return (
    <Layout title={props.title} frame={props.frame}>
      <section class="card message">
        <h1>{props.title}</h1>
        <p>{props.text}</p>
        {props.command ? (
          <pre>
            <code>{props.command}</code>
          </pre>
        ) : null}
        <p>
          <a class="button" href={props.to}>
            {props.link}
          </a>
        </p>
      </section>
    </Layout>
  )
}

/** Where one goes on from what is told, where that is not the overview; and a command that helps. */
const ONWARD: Partial<
  Record<keyof Strings['told'], { to: string; link: (t: Strings) => string; command: string }>
> = {
  spent: { to: '/login', link: (t) => t.login.title, command: 'leadwake key new' },
  noSite: { to: '/', link: (t) => t.told.noSite.again, command: 'leadwake site new' },
}

/** What the pages tell in place of a page, by its name in the catalogue. */
export function Told({ what, frame }: { what: Exclude<keyof Strings['told'], 'toOverview'>; frame?: Frame }) {
  const { t } = useLocale()
  const { title, text } = t.told[what]
  const { to = '/', link = () => t.told.toOverview, command } = ONWARD[what] ?? {}
  return (
    <Message
      {...{ title, text, to, link: link(t) }}
      {...(frame && { frame })}
      {...(command !== undefined && { command })}
    />
  )
}

/** For whatever path nobody answers. It says nothing about what exists, since anybody may ask. */
export const notFound = (c: Context): Promise<Response> => answer(c, <Told what="noPage" />, 404)
