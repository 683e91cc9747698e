/**
 * npm's `dhcp` as a client on the device of this namespace: MAC. Prints what it was given as JSON.
 *
 * The package leaves asking again to its user, and needs it: the REQUEST after its first offer names
 * neither address nor server, as no client may (RFC 2131 table 5), and is not answered. After the
 * second offer it names the address of the first.
 */
import dhcp from 'dhcp'

const ASK_AGAIN_MS = 500

const client = dhcp.createClient({ mac: process.argv[2] ?? '', features: ['hostname'] })
client.on('error', (error) => {
  console.error(error)
  process.exit(1)
})
client.on('bound', (bound) => {
  console.log(JSON.stringify(bound))
  process.exit(0)
})
// Not at 'listening', when its socket may not broadcast yet.
client.listen(68, '0.0.0.0', () => {
  client.sendDiscover()
  setInterval(() => client.sendDiscover(), ASK_AGAIN_MS)
})
