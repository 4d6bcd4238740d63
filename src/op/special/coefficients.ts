// Numbers of the elementary functions that every engine computes alike: the modules of the WebAssembly engine on
// vectors, plain JavaScript one by one. Near-minimax fits, lowest power first.

/** ln 2 in two parts: the product of the first with a whole number below 2^20 is exact. */
export const LN2_HIGH = 0.69314718036912381649;
export const LN2_LOW = 1.90821492927058770002e-10;

/** log((1 + s) / (1 - s)) = 2s + s R, R = s² (c0 + c1 s² + …), for (1 + s) / (1 - s) from √½ to √2. */
export const LOG = [
  0.66666666666666696, 0.39999999999899449, 0.28571428626001427, 0.22222211130560726, 0.18182889433757515,
  0.15331711346672997, 0.14616576421644387,
] as const;
/** The upper word of √½, and what it is below that of 1: a number from √½ to √2 times a power of 2 is parted with
 *  them. */
export const ROOT_HALF_WORD = 0x3fe6a09e;
export const ABOVE_ROOT_HALF_WORD = 0x3ff00000 - ROOT_HALF_WORD;

/** sin r = r + r³ (c0 + c1 r² + …), |r| <= π/4; relative error 4e-18. */
export const SIN = [
  -0.1666666666666663, 0.008333333333322118, -0.00019841269829589558, 2.7557313621391465e-6, -2.505074776362735e-8,
  1.5896230195926896e-10,
];
/** cos r = 1 - r²/2 + r⁴ (c0 + c1 r² + …), |r| <= π/4; error 6e-20. */
export const COS = [
  0.041666666666666595, -0.0013888888888873056, 2.4801587288851748e-5, -2.755731417930604e-7, 2.0875700842918746e-9,
  -1.1358536556990609e-11,
];
/** The angle of one of 2^32 parts of a turn. */
export const PART_OF_TURN = (2 * Math.PI) / 2 ** 32;

/** Of normal noise, which need not be good to the last digit: log(1 + f) = s (2 + s² (c0 + …)), s = f / (2 + f), sin r
 *  = r (c0 + c1 r² + …) and cos r = 1 + r² (c0 + …), |r| <= π/4; relative errors 5e-12, 5e-12 and 7e-14 (minimax by
 *  Remez' exchange). */
export const NOISE_LOG = [0.6666666564862249, 0.4000033453928178, 0.28537346693801163, 0.23581476963224204] as const;
export const NOISE_SIN = [
  0.9999999999954505, -0.1666666663044638, 0.008333328690159052, -0.0001983917835650329, 2.71715280862976e-6,
] as const;
export const NOISE_COS = [
  -0.4999999999948938, 0.041666666553426206, -0.0013888880659350248, 2.4798960716348294e-5, -2.717478854120105e-7,
] as const;

/** e^r = 1 + r + r² (c0 + c1 r + …), |r| <= ln 2 / 2. */
export const EXP = [
  0.5, 0.16666666666666671, 0.041666666666666671, 0.0083333333333261411, 0.0013888888888883752, 1.9841269874800493e-4,
  2.4801587325533363e-5, 2.7557255425746435e-6, 2.7557273661348637e-7, 2.5105206373957011e-8, 2.0914679376583935e-9,
] as const;
