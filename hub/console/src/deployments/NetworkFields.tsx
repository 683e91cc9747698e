import { BOND_MODES } from '@brickyard/model/network-wish'
import { Field, inputClass } from '../ui/Field.tsx'
import { Panel } from '../ui/Panel.tsx'
import type { DeploymentForm, NetworkForm } from './deployment-form.ts'

const MODE_WORDS: Readonly<Record<(typeof BOND_MODES)[number], string>> = {
  'active-backup': 'active-backup: one after the other',
  '802.3ad': '802.3ad: LACP with the switch',
  'balance-xor': 'balance-xor: both, without LACP',
}

/** The usual networks: a bond of the first two NICs, a VLAN, addresses of their own. */
export function NetworkFields(props: {
  readonly form: DeploymentForm
  readonly set: (part: Partial<DeploymentForm>) => void
}) {
  const { network } = props.form
  const set = (part: Partial<NetworkForm>): void => props.set({ network: { ...network, ...part } })
  const text = (name: keyof NetworkForm, placeholder: string) => (
    <input
      className={inputClass}
      placeholder={placeholder}
      spellCheck={false}
      value={network[name]}
      onChange={(event) => set({ [name]: event.target.value })}
    />
  )
  const isFixed = network.addresses.trim() !== ''
  return (
    <Panel title="Network" aside="nothing said means DHCP on every NIC">
      <div className="grid gap-4">
        <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_9rem]">
          <Field
            label="Bond"
            hint={
              network.bond === '802.3ad'
                ? 'The switch ports need LACP with fallback to one port: firmware speaks no LACP, and without the fallback no sled netboots.'
                : 'Joins the first two NICs.'
            }
          >
            <select
              className={inputClass}
              value={network.bond}
              onChange={(event) => set({ bond: event.target.value })}
            >
              <option value="">none: the first NIC alone</option>
              {BOND_MODES.map((mode) => (
                <option key={mode} value={mode}>
                  {MODE_WORDS[mode]}
                </option>
              ))}
            </select>
          </Field>
          <Field label="VLAN" hint="Untagged stays DHCP.">
            {text('vlan', 'none')}
          </Field>
        </div>
        <Field
          label="Addresses"
          hint="One for each sled in order: addresses and ranges, separated by spaces."
        >
          {text('addresses', 'DHCP, or 10.1.0.10-10.1.0.19')}
        </Field>
        {isFixed && (
          <div className="grid gap-4 sm:grid-cols-3">
            <Field label="Subnet">{text('subnet', '10.1.0.0/24')}</Field>
            <Field label="Gateway">{text('gateway', 'none')}</Field>
            <Field label="Name servers">{text('nameservers', 'none')}</Field>
          </div>
        )}
      </div>
    </Panel>
  )
}
