import type { Context } from 'hono'
import { answer } from './answer.tsx'
import type { Frame } from './layout.tsx'
import { Layout } from './layout.tsx'

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

/** For whatever path nobody answers. It says nothing about what exists, since anybody may ask. */
export const notFound = (c: Context): Promise<Response> =>
  answer(
    c,
    <Message
      title="There is no such page"
      text="The address may be mistyped, or what was here has been erased."
      to="/"
      link="To the overview"
    />,
    404,
  )
