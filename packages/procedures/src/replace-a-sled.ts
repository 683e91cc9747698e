import { Minutes } from '@brickyard/std/units'
import type { Procedure } from './procedure.ts'

const seconds = (ms: number): number => ms / 1000

/** Ten minutes is ample for a person at the rack to do one thing; longer means something is wrong. */
const BY_HAND = seconds(Minutes(10))
/** A BMC that works answers within a minute; three allow for a retry. */
const BY_MACHINE = seconds(Minutes(3))
/** A BMC boots in one to four minutes after it gets power. */
const NEW_BMC = seconds(Minutes(10))

/** Takes a sled out and puts another in its place; closed by the new serial answering from the slot. */
export const REPLACE_A_SLED: Procedure = {
  id: 'replace-a-sled',
  version: 1,
  title: 'Replace a sled',
  before: 'Have the new sled beside you, with its label in sight. Nothing else needs a tool.',
  steps: [
    {
      id: 'light-on',
      kind: 'identify-light',
      light: 'on',
      title: 'Light on',
      text: 'The light on the sled is being switched on, so that you can find it.',
      deadlineSeconds: BY_MACHINE,
      cannotVerify: 'The light cannot be switched on. Find the sled by the number of its slot.',
    },
    {
      id: 'find',
      kind: 'confirm',
      title: 'Find the sled',
      text: 'Go to the place named above. Count the slots; do not trust the order you expect.',
      question: 'Do you stand before the sled, and does its light blink?',
      deadlineSeconds: BY_HAND,
      cannotVerify: 'No light blinks, but the number of the slot is certain.',
    },
    {
      id: 'old-serial',
      kind: 'enter-serial',
      into: 'removed',
      must: 'expected',
      title: 'Read the label',
      text: 'Before you touch it: type the serial on the label of the sled.',
      deadlineSeconds: BY_HAND,
      cannotVerify: 'The label is missing or cannot be read.',
    },
    {
      id: 'free-of-work',
      kind: 'check',
      check: 'free-of-work',
      againSeconds: 5,
      title: 'Is it free?',
      text: 'Making sure that nobody’s work runs on it.',
      deadlineSeconds: BY_HAND,
    },
    {
      id: 'power-off',
      kind: 'power',
      verb: 'off',
      until: 'off',
      title: 'Power off',
      text: 'The sled is being powered off. This is done when its power is read as off.',
      deadlineSeconds: BY_MACHINE,
      cannotVerify: 'Its BMC does not answer. Look: every light on it is dark, no fan turns.',
    },
    {
      id: 'safe-to-pull',
      kind: 'check',
      check: 'safe-to-pull',
      againSeconds: 5,
      title: 'Safe to pull?',
      text: 'The last look before you touch it.',
      deadlineSeconds: BY_MACHINE,
      cannotVerify: 'Its power cannot be read. Every light on it is dark and no fan turns.',
    },
    {
      id: 'pull',
      kind: 'instruct',
      title: 'Pull the sled',
      text: 'Open the latch and draw the sled straight out. A full-width sled needs two people.',
      deadlineSeconds: BY_HAND,
    },
    {
      id: 'new-serial',
      kind: 'enter-serial',
      into: 'inserted',
      must: 'new',
      title: 'The new sled',
      text: 'Type the serial on the label of the new sled, before it disappears in the rack.',
      deadlineSeconds: BY_HAND,
    },
    {
      id: 'insert',
      kind: 'instruct',
      title: 'Insert the new sled',
      text: 'Push it straight in until the latch closes. Power and data connect by themselves.',
      deadlineSeconds: BY_HAND,
    },
    {
      id: 'cable',
      kind: 'confirm',
      title: 'Cables',
      text: 'Put back every cable you took off in front, into the port it came from.',
      question: 'Is every cable back in its port?',
      deadlineSeconds: BY_HAND,
    },
    {
      id: 'answers',
      kind: 'check',
      check: 'serial-in-slot',
      serial: 'inserted',
      againSeconds: 5,
      backTo: 'new-serial',
      title: 'Does it answer?',
      text: 'Waiting for the new sled’s BMC to answer from this slot with the serial you typed.',
      deadlineSeconds: NEW_BMC,
      cannotVerify: 'It does not answer, but it sits in the slot and its light shows power.',
    },
    {
      id: 'light-off',
      kind: 'identify-light',
      light: 'off',
      title: 'Light off',
      text: 'The light is being switched off.',
      deadlineSeconds: BY_MACHINE,
      cannotVerify: 'The light cannot be switched off. It ends by itself.',
    },
  ],
}
