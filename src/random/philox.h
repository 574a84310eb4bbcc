/* philox.h - the constants of Philox4x32-10 (Salmon et al. 2011, table 2 and §3.3). */
#ifndef SWL_RANDOM_PHILOX_H
#define SWL_RANDOM_PHILOX_H

#define PHILOX_ROUNDS 10      /* paper: "Philox4x32-10", the crush-resistant choice with a safety margin */
#define PHILOX_M0 0xD2511F53u /* paper: multipliers */
#define PHILOX_M1 0xCD9E8D57u
#define PHILOX_W0 0x9E3779B9u /* paper: Weyl constants of the key schedule: golden ratio, sqrt(3) - 1 */
#define PHILOX_W1 0xBB67AE85u

#endif
