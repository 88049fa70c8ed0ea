import type { Frame } from './layout.tsx'
import { Layout } from './layout.tsx'
import { useLocale } from './locale.ts'

export interface ConfirmProps {
  frame: Frame
  title: string
  /** Of what it is asked. */
  name: string
  /** What will have happened then. */
  text: string
  /** Where the form goes. */
  action: string
  button: string
  /** Where one gets out. */
  back: string
  fields?: Record<string, string>
  error?: string | undefined
}

/** Asks once more before something that cannot be taken back. */
export function Confirm({ frame, title, name, text, action, button, back, fields, error }: ConfirmProps) {
  const { t } = useLocale()
  return (
    <Layout title={title} frame={frame}>
      <section class="card message">
        <h1>{title}</h1>
        {error ? (
          <p class="error" role="alert">
            {t.sentence(error)}
          </p>
        ) : null}
        <p>
          <strong>
            <bdi>{name}</bdi>
          </strong>
        </p>
        <p>{text}</p>
        <form method="post" action={action} class="bulk">
          {Object.entries(fields ?? {}).map(([field, value]) => (
            <input type="hidden" name={field} value={value} />
          ))}
          <button type="submit" class="button danger">
            {button}
          </button>
          <a class="button second" href={back}>
            {t.list.cancel}
          </a>
        </form>
      </section>
    </Layout>
  )
}
