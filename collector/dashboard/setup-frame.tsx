import type { Child } from 'hono/jsx'
import type { Right } from '../../shared/access.ts'
import type { Frame } from './layout.tsx'
import { Layout, may, siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { Tabs } from './table.tsx'

/** Parts of the set-up: where each is, and who may see it. */
export const SET_UP = {
  site: { path: '/setup', right: 'read' },
  pages: { path: '/setup/pages', right: 'rules' },
  access: { path: '/setup/access', right: 'admin' },
  webhooks: { path: '/setup/webhooks', right: 'admin' },
  privacy: { path: '/setup/privacy', right: 'admin' },
  system: { path: '/setup/system', right: 'admin' },
} as const satisfies Record<string, { path: string; right: Right }>
/** Where another site is made. */
export const NEW_SITE_PATH = '/setup/new'
export type SetUpPart = keyof typeof SET_UP
/** What is of the whole collector, for who sees every site. */
export const OF_ALL_SITES: ReadonlySet<SetUpPart> = new Set(['system'])

/** What a form has come to. */
export interface Said {
  error?: string
  saved?: boolean
  /** It is on its way and takes longer than a request may. */
  begun?: boolean
  /** What is shown this once: a key or a secret. */
  made?: { name: string; secret: string }
}

function Once({ made }: { made: NonNullable<Said['made']> }) {
  const { t } = useLocale()
  return (
    <div class="done note" role="status">
      <p>
        {t.setup.once} <strong>{made.name}</strong>
      </p>
      <pre data-copy={t.setup.copy} data-copied={t.setup.copied}>
        <code>{made.secret}</code>
      </pre>
    </div>
  )
}

export function SetUpFrame(props: {
  frame: Frame & { site: string }
  part: SetUpPart
  said: Said
  children?: Child
}) {
  const { t } = useLocale()
  const { frame, part, said } = props
  const parts = Object.entries(SET_UP) as [SetUpPart, { path: string; right: Right }][]
  return (
    <Layout title={`${t.nav.setup}: ${t.setup.parts[part]}`} frame={frame}>
      <div class="head">
        <h1>{t.nav.setup}</h1>
        {may(frame, 'admin') && !frame.person?.site ? (
          <a class="button second" href={siteUrl(NEW_SITE_PATH, frame.site)}>
            {t.setup.fresh}…
          </a>
        ) : null}
      </div>
      <Tabs
        label={t.nav.setup}
        tabs={parts
          .filter(([, { right }]) => may(frame, right))
          .filter(([name]) => !(frame.person?.site && OF_ALL_SITES.has(name)))
          .map(([name, { path }]) => ({
            name: t.setup.parts[name],
            href: siteUrl(path, frame.site),
            here: name === part,
          }))}
      />
      {said.error ? (
        <p class="error note" role="alert">
          {t.sentence(said.error)}
        </p>
      ) : null}
      {said.saved || said.begun ? (
        <p class="done note" role="status">
          {said.begun ? t.setup.begun : t.setup.saved}
        </p>
      ) : null}
      {said.made ? <Once made={said.made} /> : null}
      <div class="stack">{props.children}</div>
    </Layout>
  )
}
