/** A Next.js route handler: app/request-demo/send/route.ts; the form's action is /request-demo/send. */
import { LeadwakeError, leadwake, pageFrom, visitorFrom } from 'leadwake/server'

export async function POST(request: Request): Promise<Response> {
  const form = await request.formData()
  const field = (name: string) => String(form.get(name) ?? '')
  try {
    await lw().identify({
      visitor: visitorFrom(form, request),
      page: pageFrom(form),
      email: field('email'),
      traits: { name: field('name'), company: { name: field('company') } },
      // Sent twice under one id, a form counts once.
      signal: { name: 'demo_requested', id: field('submission') },
    })
  } catch (error) {
    if (error instanceof LeadwakeError && error.status === 422)
      return new Response('Please check what you typed.', { status: 422 })
    // The person asked for a demo, whatever became of its lead: your own mail or CRM still gets it.
    console.error(error)
  }
  return Response.redirect(new URL('/thanks', request.url), 303)
}

/** Made when it is first called: `next build` loads this file without the secrets of the server. */
const lw = () =>
  leadwake({
    origin: process.env.LEADWAKE_ORIGIN!,
    key: process.env.LEADWAKE_KEY!,
    site: 'main',
  })
