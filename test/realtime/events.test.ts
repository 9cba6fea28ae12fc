import { expect, test } from 'bun:test'
import { Events } from '../../src/realtime/events.ts'

test('each subscription hears until it is ended, even where two share a handler', () => {
  const events = new Events<{ number: number; text: string }>()
  const heard: number[] = []
  const hear = (number: number) => void heard.push(number)
  const endFirst = events.on('number', hear)
  events.on('number', hear)
  events.emit('number', 1)
  endFirst()
  endFirst()
  events.emit('number', 2)
  events.emit('text', 'nobody')
  expect(heard).toEqual([1, 1, 2])
})

test('who subscribes while it is told hears it from the next time on', () => {
  const events = new Events<{ number: number }>()
  const heard: number[] = []
  const end = events.on('number', () => {
    end()
    events.on('number', (number) => void heard.push(number))
  })
  events.emit('number', 1)
  events.emit('number', 2)
  expect(heard).toEqual([2])
})
