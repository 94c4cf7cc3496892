/** The data types and their encodings, as pure rules over bytes. */
export { stringEncoding } from './strings.ts'
