import { type AddressInfo, createServer } from 'node:net'

export interface TakenMail {
  from: string
  to: string[]
  text: string
}

export interface SmtpServer {
  url: string
  mails: TakenMail[]
  /** What it says to a mail, from now on. */
  reply: string
  close(): Promise<void>
}

/** As much of RFC 5321 as a client needs that sends mail without encryption. */
export async function smtpServer(): Promise<SmtpServer> {
  const mails: TakenMail[] = []
  const server = createServer((socket) => {
    let mail: TakenMail = { from: '', to: [], text: '' }
    let isData = false
    let held = ''
    const say = (line: string) => socket.write(`${line}\r\n`)
    const heard = (line: string) => {
      if (isData) {
        if (line !== '.') {
          mail.text += `${line}\n`
          return
        }
        isData = false
        if (self.reply.startsWith('2')) mails.push(mail)
        mail = { from: '', to: [], text: '' }
        say(self.reply)
        return
      }
      const [verb = ''] = line.split(' ')
      const address = /<([^>]*)>/.exec(line)?.[1] ?? ''
      if (verb === 'EHLO') say('250 there')
      else if (verb === 'MAIL') {
        mail.from = address
        say('250 ok')
      } else if (verb === 'RCPT') {
        mail.to.push(address)
        say('250 ok')
      } else if (verb === 'DATA') {
        isData = true
        say('354 go on')
      } else if (verb === 'QUIT') {
        say('221 bye')
        socket.end()
      } else say('250 ok')
    }
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      held += chunk
      for (let end = held.indexOf('\r\n'); end >= 0; end = held.indexOf('\r\n')) {
        const line = held.slice(0, end)
        held = held.slice(end + 2)
        heard(line)
      }
    })
    say('220 there ESMTP')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const self: SmtpServer = {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    reply: '250 taken',
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return self
}
