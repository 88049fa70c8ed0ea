import type { GroupDocument, RuleDocument, RulesDocument } from '../lead/rules.ts'
import type { Frame } from './layout.tsx'
import { Layout, siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { thresholdOf } from './rules-form.ts'
import { type Draft, RulesPreview } from './rules-preview.tsx'
import { type Column, Table, Tabs } from './table.tsx'

/** A mistake in a document, on its line where it has one. */
export interface Mistake {
  line: number | null
  text: string
}

export interface RulesProps {
  frame: Frame & { site: string }
  /** Which one is in force. */
  version: number
  /** Which one is looked at; undefined of a draft. */
  shown: number | undefined
  /** What is in the editor. */
  text: string
  /** The same, where it can be read and holds. */
  document: RulesDocument | undefined
  view: 'form' | 'text'
  mistakes: Mistake[]
  draft: Draft | undefined
  capacity: string
  applied: boolean
  history: { version: number; appliedAt: string; by: string }[]
  now: number
}

function Mistakes({ mistakes }: { mistakes: Mistake[] }) {
  const { t, f } = useLocale()
  if (mistakes.length === 0) return null
  return (
    <div class="error note" role="alert">
      <p>{t.rules.wrong(f.count(mistakes.length))}</p>
      <ul>
        {mistakes.map(({ line, text }) => (
          <li>
            {line === null ? null : (
              <>
                <a href="#text" data-line={line}>
                  {t.rules.line(line)}
                </a>
                :{' '}
              </>
            )}
            <bdi>{text}</bdi>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** What goes with a draft: how much sales can work, whom to tell, and the two buttons. */
function Send({ capacity }: { capacity: string }) {
  const { t } = useLocale()
  return (
    <div class="send">
      <label>
        {t.rules.capacity}
        <input type="number" name="capacity" min="0" step="1" value={capacity} />
      </label>
      <label>
        {t.rules.notify}
        <select name="notify">
          <option value="silent">{t.rules.notifyNone}</option>
          <option value="sql" selected>
            {t.rules.notifySql}
          </option>
          <option value="all">{t.rules.notifyAll}</option>
        </select>
      </label>
      <button type="submit" class="button second" name="do" value="preview">
        {t.rules.preview}
      </button>
      <button type="submit" class="button" name="do" value="apply">
        {t.rules.apply}
      </button>
    </div>
  )
}

function Editor({ frame, text, capacity }: RulesProps) {
  const { t } = useLocale()
  return (
    <form method="post" action={siteUrl('/rules', frame.site)} class="card">
      <label for="text">
        {t.rules.editor} · <a href="/rules.schema.json">{t.rules.schema}</a>
      </label>
      <div class="editor">
        <textarea id="text" name="text" rows={28} spellcheck={false} wrap="off" autocomplete="off" data-lines>
          {/* A browser takes the first line break of a text field away. */}
          {`\n${text}`}
        </textarea>
      </div>
      <Send capacity={capacity} />
    </form>
  )
}

function NumberField(props: { name: string; value: number | null | undefined; label: string }) {
  const { t } = useLocale()
  return (
    <input
      type="number"
      step="any"
      inputmode="decimal"
      name={props.name}
      value={props.value === null || props.value === undefined ? '' : String(props.value)}
      placeholder={props.value === null ? t.rules.never : undefined}
      aria-label={props.label}
    />
  )
}

function Form({ frame, document, text, capacity }: RulesProps & { document: RulesDocument }) {
  const { t } = useLocale()
  const stages: Column<'mql' | 'sql'>[] = [
    { title: t.rules.stage, names: true, cell: (stage) => t.stages[stage] },
    {
      title: t.rules.from,
      cell: (stage) => (
        <NumberField
          name={`threshold.${stage}`}
          value={thresholdOf(document, stage)}
          label={`${t.stages[stage]}: ${t.rules.from}`}
        />
      ),
    },
    {
      title: t.rules.below,
      cell: (stage) => (
        <NumberField
          name={`leave.${stage}`}
          value={document.stages[stage].leave.engagement}
          label={`${t.stages[stage]}: ${t.rules.below}`}
        />
      ),
    },
  ]
  const groups: Column<[string, GroupDocument]>[] = [
    { title: t.rules.group, names: true, cell: ([, { label }]) => <bdi>{label}</bdi> },
    {
      title: t.rules.cap,
      cell: ([id, { cap, label }]) => (
        <NumberField name={`groups.${id}.cap`} value={cap} label={`${label}: ${t.rules.cap}`} />
      ),
    },
    {
      title: t.rules.halfLife,
      cell: ([id, { halfLifeDays, label }]) => (
        <NumberField
          name={`groups.${id}.halfLifeDays`}
          value={halfLifeDays}
          label={`${label}: ${t.rules.halfLife}`}
        />
      ),
    },
  ]
  const rules: Column<RuleDocument>[] = [
    { title: t.rules.rule, names: true, cell: ({ label }) => <bdi>{label}</bdi> },
    {
      title: t.rules.group,
      from: 'wide',
      class: 'quiet',
      nowrap: true,
      cell: ({ group }) => <bdi>{document.groups[group]?.label ?? group}</bdi>,
    },
    {
      title: t.rules.points,
      cell: ({ id, points, label }) => (
        <NumberField name={`rules.${id}.points`} value={points} label={`${label}: ${t.rules.points}`} />
      ),
    },
    {
      title: t.rules.perDay,
      cell: ({ id, perDay, label }) => (
        <NumberField name={`rules.${id}.perDay`} value={perDay} label={`${label}: ${t.rules.perDay}`} />
      ),
    },
  ]
  return (
    <form method="post" action={siteUrl('/rules', frame.site)} class="stack numbers">
      <input type="hidden" name="base" value={text} />
      <div class="columns halves">
        <section class="card">
          <Table look="ways" rows={['mql', 'sql'] as ('mql' | 'sql')[]} columns={stages} />
        </section>
        <section class="card">
          <Table look="ways" rows={Object.entries(document.groups)} columns={groups} />
        </section>
      </div>
      <section class="card">
        <Table look="ways" rows={document.rules} columns={rules} />
      </section>
      <section class="card">
        <Send capacity={capacity} />
      </section>
    </form>
  )
}

function History({ frame, history, version, now }: RulesProps) {
  const { t, f } = useLocale()
  return (
    <section class="card" aria-labelledby="history">
      <h2 id="history">{t.rules.history}</h2>
      <Table
        look="rows"
        rows={history}
        columns={[
          {
            title: t.rules.version(''),
            names: true,
            cell: (row) => `${row.version}${row.version === version ? ` · ${t.rules.inForce}` : ''}`,
          },
          { title: t.rules.when, cell: ({ appliedAt }) => f.ago(appliedAt, now) },
          { title: t.rules.by, from: 'wide', cell: ({ by }) => <bdi>{by}</bdi> },
          {
            title: <span class="unseen">{t.rules.open}</span>,
            number: true,
            cell: (row) => (
              <a href={`${siteUrl('/rules', frame.site)}&view=text&version=${row.version}`}>{t.rules.open}</a>
            ),
          },
        ]}
      />
    </section>
  )
}

/** The rules of a site: as a form or as their document, what a change would do, and what was before. */
export function Rules(props: RulesProps) {
  const { t } = useLocale()
  const { frame, view, document, draft, shown, version } = props
  const at = siteUrl('/rules', frame.site)
  const suffix = shown === undefined || shown === version ? '' : `&version=${shown}`
  return (
    <Layout title={t.rules.title} frame={frame}>
      <div class="head">
        <div>
          <h1>{t.rules.title}</h1>
          <p class="quiet">{t.rules.what}</p>
        </div>
      </div>
      <Tabs
        label={t.rules.views}
        tabs={[
          { name: t.rules.form, href: at + suffix, here: view === 'form' },
          { name: t.rules.document, href: `${at}&view=text${suffix}`, here: view === 'text' },
        ]}
      />
      {props.applied ? (
        <p class="done note" role="status">
          {t.rules.applied}
        </p>
      ) : null}
      {suffix === '' ? null : <p class="doubt note">{t.rules.old(String(shown))}</p>}
      <Mistakes mistakes={props.mistakes} />
      <div class="stack">
        {draft ? <RulesPreview draft={draft} /> : null}
        {view === 'form' && document ? <Form {...props} document={document} /> : <Editor {...props} />}
        <History {...props} />
      </div>
    </Layout>
  )
}
