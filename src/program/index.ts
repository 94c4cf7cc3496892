/** The program `holdfast` as `bin/holdfast` and the build know it. */
export { keepCode, launch } from './launch.ts'
