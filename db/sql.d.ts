/** SQL is imported as text, so that the binary carries it. */
declare module '*.sql' {
  const text: string
  export default text
}
