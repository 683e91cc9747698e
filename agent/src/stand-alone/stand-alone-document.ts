import type { Image } from '@brickyard/model/image'
import type { RackDocument } from '@brickyard/model/rack'
import { assignmentSchema, type Assignment } from '@brickyard/protocol/assignment'
import { imageSchema } from '@brickyard/protocol/fields'
import { parseRackDocument, zodProblem } from '@brickyard/protocol/rack-document'
import { assignedNetwork } from '../operations/assigned-network.ts'
import { problem, type Problem } from '@brickyard/std/problem'
import { err, ok, type Result } from '@brickyard/std/result'
import * as z from 'zod'

/** A rack that is served without any hub: what a hub would have said, from a local file. */
export interface StandAloneDocument {
  readonly rack: RackDocument
  readonly images: readonly LocalImage[]
  readonly assignments: readonly Assignment[]
}

/** An image and the file that holds its bytes as served. */
export interface LocalImage {
  readonly image: Image
  readonly path: string
}

const localImageSchema = imageSchema.extend({ path: z.string().min(1).max(1000) })

/** An assignment as people write it: the image by name, the rest with defaults. */
const localAssignmentSchema = z.strictObject({
  sled: z.string(),
  image: z.string(),
  hostname: z.string().optional(),
  userData: z.string().default(''),
  sshKeys: z.array(z.string()).default([]),
  /** With every name written out; of static addresses the first is this sled's. */
  network: z.unknown().optional(),
  wanted: z.enum(['running', 'released']).default('running'),
  /** Raise it to install the same sled anew. */
  revision: z.number().int().min(1).default(1),
})

const documentSchema = z.strictObject({
  rack: z.unknown(),
  images: z.array(localImageSchema).max(64).default([]),
  assignments: z.array(localAssignmentSchema).max(512).default([]),
})

/** Parses a stand-alone document and checks it as a whole; every problem names its field. */
export function parseStandAlone(input: unknown): Result<StandAloneDocument, Problem[]> {
  const shape = documentSchema.safeParse(input)
  if (!shape.success) return err(shape.error.issues.map((issue) => zodProblem(issue, input)))
  const rack = parseRackDocument(shape.data.rack)
  if (!rack.ok) return err(rack.error.map((p) => ({ ...p, field: `rack.${p.field}` })))
  const images = shape.data.images.map(({ path, ...image }) => ({ image, path }))
  const problems: Problem[] = []
  const taken = new Set<string>()
  const assignments = shape.data.assignments.flatMap((written, i): Assignment[] => {
    const field = `assignments[${i}]`
    const image = images.find((held) => held.image.name === written.image)?.image
    if (image === undefined) {
      problems.push(problem(`${field}.image`, written.image, 'the name of an image in this file'))
    }
    if (!rack.value.sleds.some(({ name }) => name === written.sled)) {
      problems.push(problem(`${field}.sled`, written.sled, 'the name of a sled in this file'))
    }
    if (taken.has(written.sled)) {
      problems.push(problem(`${field}.sled`, written.sled, 'one assignment for each sled'))
    }
    taken.add(written.sled)
    if (image === undefined) return []
    const { sled, userData, sshKeys, network, wanted, revision } = written
    const parsed = assignmentSchema.safeParse({
      id: `local:${sled}:${revision}`,
      deployment: 'local',
      sled,
      wanted,
      image,
      hostname: written.hostname ?? sled,
      userData,
      sshKeys,
      network,
      createdAtMs: 0,
    })
    if (parsed.success) {
      const declared = rack.value.sleds.find(({ name }) => name === sled)
      const wished = declared && assignedNetwork(parsed.data, declared)
      if (wished?.ok !== false) return [parsed.data]
      problems.push(problem(`${field}.network`, 'as written', `one for ${sled}: ${wished.error}`))
      return []
    }
    problems.push(
      ...parsed.error.issues.map((issue) => {
        const found = zodProblem(issue, written)
        return { ...found, field: `${field}.${found.field}` }
      }),
    )
    return []
  })
  return problems.length === 0 ? ok({ rack: rack.value, images, assignments }) : err(problems)
}
