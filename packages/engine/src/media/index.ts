/** Entry `@isotherm/engine/media`: what a process may ask of an image without decoding it. */
export {
  checkDeclaredType,
  type ImageFormat,
  imageFormatOf,
  imageFormats,
} from './image-format.ts';
export {
  defaultImageLimits,
  type ImageHeader,
  type ImageLimits,
  inspectImage,
} from './inspect-image.ts';
