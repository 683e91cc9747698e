import type { DeploymentAsked, Image, Site } from '@brickyard/api/schemas'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { imagesQuery, sitesQuery } from '../api/queries.ts'
import { answered, hub } from '../api/request.ts'
import { PreviewPanel } from '../deployments/PreviewPanel.tsx'
import { deployCommand } from '../deployments/deploy-command.ts'
import {
  emptyForm,
  networkSaid,
  readForm,
  type DeploymentForm,
} from '../deployments/deployment-form.ts'
import { NetworkFields } from '../deployments/NetworkFields.tsx'
import { Button, buttonClass } from '../ui/Button.tsx'
import { CommandLine } from '../ui/Copy.tsx'
import { ErrorNote } from '../ui/ErrorNote.tsx'
import { Field, inputClass } from '../ui/Field.tsx'
import { PageHead } from '../ui/Page.tsx'
import { Panel } from '../ui/Panel.tsx'
import { binaryText } from '../ui/quantity.ts'

export function NewDeploymentPage() {
  const search = useSearch({ from: '/signed-in/deployments/new' })
  const navigate = useNavigate()
  const sites = useQuery(sitesQuery).data?.items ?? []
  const images = useQuery(imagesQuery).data?.items ?? []
  const [form, setForm] = useState<DeploymentForm>(() => emptyForm(search.site, search.image))
  const set = (part: Partial<DeploymentForm>): void => setForm((old) => ({ ...old, ...part }))
  const read = readForm(form)
  // One key for this form: sending it twice asks for it once.
  const [key] = useState(() => crypto.randomUUID())
  const create = useMutation({
    mutationFn: (wanted: DeploymentAsked) => answered(hub.deployments.create(wanted, key)),
    onSuccess: ({ id }) => navigate({ to: '/deployments/$id', params: { id } }),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (read.ok) create.mutate(read.value)
  }
  return (
    <>
      <PageHead
        title="New deployment"
        above={
          <Link to="/deployments" className="hover:text-ink">
            Deployments
          </Link>
        }
        below="Say what is wanted; the hub chooses the sleds and explains its choice."
      />
      <form
        onSubmit={submit}
        className="grid items-start gap-5 lg:grid-cols-[minmax(0,1.4fr)_minmax(0,1fr)]"
      >
        <div className="grid gap-5">
          <What form={form} set={set} images={images} />
          <Where form={form} set={set} sites={sites} />
          <NetworkFields form={form} set={set} />
          <Inside form={form} set={set} />
        </div>
        <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-4 lg:sticky lg:top-20">
          <PreviewPanel wanted={read.ok ? read.value : undefined} />
          {read.ok ? (
            <CommandLine
              command={deployCommand(
                { ...read.value, name: form.name, image: imageWord(images, form.image) },
                networkSaid(form.network),
              )}
            />
          ) : (
            <p className="text-sm text-ink-faint">{read.error}</p>
          )}
          {create.error !== null && <ErrorNote error={create.error} />}
          <div className="flex gap-2">
            <Button type="submit" look="solid" disabled={!read.ok || create.isPending}>
              {create.isPending ? 'Placing …' : 'Place and provision'}
            </Button>
            <Link to="/deployments" className={buttonClass('plain')}>
              Cancel
            </Link>
          </div>
        </div>
      </form>
    </>
  )
}

/** The image as a person would name it: by its name, when only one has it. */
function imageWord(images: readonly Image[], sha256: string): string {
  const name = images.find((image) => image.sha256 === sha256)?.name
  const alone = images.filter((image) => image.name === name).length === 1
  return name !== undefined && alone ? name : sha256
}

interface PartProps {
  readonly form: DeploymentForm
  readonly set: (part: Partial<DeploymentForm>) => void
}

function What({ form, set, images }: PartProps & { images: readonly Image[] }) {
  const ready = images.filter(({ state }) => state === 'ready')
  const chosen = ready.find(({ sha256 }) => sha256 === form.image)
  return (
    <Panel title="What">
      <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_7rem]">
        <Field
          label="Image"
          hint={
            chosen !== undefined
              ? `${chosen.arch}, ${chosen.firmware.join(' and ')}, needs a disk of ${binaryText(chosen.minDiskBytes)}`
              : ready.length === 0
                ? 'No image is ready: add one with yard image add FILE.'
                : 'What is written to the disk.'
          }
        >
          <select
            className={inputClass}
            required
            value={form.image}
            onChange={(event) => set({ image: event.target.value })}
          >
            <option value="">Choose an image</option>
            {ready.map((image) => (
              <option key={image.sha256} value={image.sha256}>
                {image.name} ({image.arch})
              </option>
            ))}
          </select>
        </Field>
        <Field label="Sleds">
          <input
            className={inputClass}
            type="number"
            min={1}
            max={1000}
            required
            value={form.count}
            onChange={(event) => set({ count: event.target.value })}
          />
        </Field>
        <Field
          label="Name"
          hint="Lower-case letters, digits and dashes; empty lets the hub choose."
        >
          <input
            className={inputClass}
            value={form.name}
            spellCheck={false}
            onChange={(event) => set({ name: event.target.value })}
          />
        </Field>
      </div>
    </Panel>
  )
}

function Where({ form, set, sites }: PartProps & { sites: readonly Site[] }) {
  const toggle = (name: string): void =>
    set({
      sites: form.sites.includes(name)
        ? form.sites.filter((each) => each !== name)
        : [...form.sites, name],
    })
  return (
    <Panel title="Where" aside="nothing chosen means anywhere">
      <fieldset className="mb-4">
        <legend className="mb-1.5 text-sm font-medium">Sites</legend>
        <div className="flex flex-wrap gap-2">
          {sites.map((site) => (
            <label
              key={site.name}
              className="inline-flex h-8 cursor-pointer items-center gap-2 rounded-md border border-line-strong px-2.5 text-sm has-checked:border-ink has-checked:bg-raised"
            >
              <input
                type="checkbox"
                className="accent-(--ink)"
                checked={form.sites.includes(site.name)}
                onChange={() => toggle(site.name)}
              />
              {site.displayName}
              {site.link !== 'connected' && <span className="text-xs text-ink-faint">away</span>}
            </label>
          ))}
        </div>
      </fieldset>
      <div className="grid gap-4 sm:grid-cols-3">
        <Field label="Model">
          <input
            className={inputClass}
            placeholder="any"
            value={form.model}
            onChange={(event) => set({ model: event.target.value })}
          />
        </Field>
        <Field label="Labels" hint="key=value, separated by spaces">
          <input
            className={inputClass}
            placeholder="any"
            value={form.labels}
            onChange={(event) => set({ labels: event.target.value })}
          />
        </Field>
        <Field label="Spread">
          <select
            className={inputClass}
            value={form.spread}
            onChange={(event) => set({ spread: event.target.value === 'site' ? 'site' : 'pack' })}
          >
            <option value="pack">pack: few sites</option>
            <option value="site">site: many sites</option>
          </select>
        </Field>
      </div>
    </Panel>
  )
}

function Inside({ form, set }: PartProps) {
  return (
    <Panel title="Inside" aside="goes into the cloud-init seed">
      <div className="grid gap-4">
        <Field label="Host name" hint="{n} becomes the number of the sled, from 1.">
          <input
            className={inputClass}
            spellCheck={false}
            value={form.hostname}
            onChange={(event) => set({ hostname: event.target.value })}
          />
        </Field>
        <Field label="SSH public keys" hint="One on each line.">
          <textarea
            className={`${inputClass} h-20 py-2 font-mono text-xs`}
            spellCheck={false}
            value={form.sshKeys}
            onChange={(event) => set({ sshKeys: event.target.value })}
          />
        </Field>
        <Field label="User data">
          <textarea
            className={`${inputClass} h-28 py-2 font-mono text-xs`}
            spellCheck={false}
            placeholder="#cloud-config"
            value={form.userData}
            onChange={(event) => set({ userData: event.target.value })}
          />
        </Field>
      </div>
    </Panel>
  )
}
