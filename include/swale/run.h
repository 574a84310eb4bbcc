/* run.h - a whole training run of a network: data, model, trainer, evaluations, run folder. */
#ifndef SWALE_RUN_H
#define SWALE_RUN_H

#include <swale/options.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct swale_run swale_run;

/* Load the data, build or load the model, take all memory, and only then create the run folder (option `out`) with
 * config.conf and log.jsonl. On failure nothing is left behind but the folders above it. The options are copied. */
SWALE_API SWALE_NODISCARD swale_status swale_run_create(const swale_options *options, swale_run **run);
SWALE_API void swale_run_destroy(swale_run *run); /* NULL is legal; writes nothing */

/* The same on a data set made of arrays (swale_data_create), which may be destroyed afterwards; it is cut anew, as the options
 * say. The option `data` becomes "arrays". With several ranks each must give the same. */
struct swale_data;
SWALE_API SWALE_NODISCARD swale_status swale_run_create_with(const swale_options *options,
                                                             const struct swale_data *data, swale_run **run);

/* Go on with the run in `folder`, which ended, was interrupted or killed: from its newest checkpoint that is whole, to
 * the same bytes as without the break, on any number of threads. Options that were set in `changes` to something else
 * than the run has must be of those that may change (swale_option_resumes; data and model: the same elsewhere; seconds: in
 * all). Records behind the checkpoint leave the log. A run that was killed before it had a
 * checkpoint begins again, from config.conf. SWALE_ERROR_EXISTS if there is no checkpoint but a model, or a log that has an
 * end: beginning again would replace them; and if somebody is writing the run. On failure log, configuration, checkpoints
 * and model are as they were. */
SWALE_API SWALE_NODISCARD swale_status swale_run_resume(const swale_options *changes, const char *folder,
                                                        swale_run **run);

/* The same for a run on arrays, which must be those that it was begun with: a checksum of the examples is compared. */
SWALE_API SWALE_NODISCARD swale_status swale_run_resume_with(const swale_options *changes, const char *folder,
                                                             const struct swale_data *data, swale_run **run);

/* One update, and an evaluation on the validation examples when one is due. *done becomes 1 when the budget (updates or
 * seconds) is spent, or when the option `patience` ends the run. A run that diverges goes back to its last good state,
 * says so to the context's log and goes on at half the rate: at most `restores` times, then SWALE_ERROR_NUMERIC, and
 * the parameters are the last good ones. */
SWALE_API SWALE_NODISCARD swale_status swale_run_advance(swale_run *run, int *done);

/* Why a run ended: for the final record. */
typedef enum swale_stop {
  SWALE_STOP_BUDGET,
  SWALE_STOP_INTERRUPTED,
  SWALE_STOP_DIVERGED,
  SWALE_STOP_PATIENCE /* no better validation loss for `patience` evaluations */
} swale_stop;

/* From now on `asked` is called after each update, on every rank; where it says other than 0 on any, *done becomes 1 on
 * all, and the run is interrupted. */
SWALE_API void swale_run_set_stop(swale_run *run, int (*asked)(void *user), void *user);

/* What swale_run_advance knows of it: budget or patience once it is done, diverged after SWALE_ERROR_NUMERIC, else
 * interrupted. */
SWALE_API swale_stop swale_run_stop(const swale_run *run);

/* Evaluate on training, validation and test examples, write model.safetensors and the last record. With the option
 * `patience` all of these are of the evaluation with the least validation loss, else of the last update; of the average
 * with the option `average`. A checkpoint comes first; if it cannot be written, the rest still is, and then the failure is
 * returned. Call it once, at any time after swale_run_create. */
SWALE_API SWALE_NODISCARD swale_status swale_run_finish(swale_run *run, swale_stop stop);

/* From now on `told` is called with each record of log.jsonl as it is made, one JSON object without a newline, and with
 * that of the beginning at once; also with out = none. NULL: no more. */
SWALE_API void swale_run_tell(swale_run *run, swale_log_fn told, void *user);

/* The parameters as they are now (SWALE_NUMBER_DIM of them), those that swale_run_finish writes: layer after layer
 * ((inputs + 1) × outputs), row i the weights that leave input i, the last row the bias. Owned by the run; ask again after each
 * update. */
SWALE_API const float *swale_run_parameters(const swale_run *run);

/* Path of the run folder; "" with out = none. Owned by the run. */
SWALE_API const char *swale_run_folder(const swale_run *run);

/* After swale_run_finish: the final record, one JSON object without a newline. Owned by the run. */
SWALE_API const char *swale_run_json(const swale_run *run);

typedef enum swale_number {
  SWALE_NUMBER_UPDATES, /* done so far */
  SWALE_NUMBER_UPDATES_PLANNED,
  SWALE_NUMBER_EPOCHS,          /* passes over the training examples, a fraction too */
  SWALE_NUMBER_DRAWS,           /* evaluations of the loss or its gradient by sampling, so far */
  SWALE_NUMBER_SECONDS,         /* training wall time, evaluations excluded */
  SWALE_NUMBER_DIM,             /* parameters */
  SWALE_NUMBER_EVALUATIONS,     /* on validation examples, so far */
  SWALE_NUMBER_RECENT_LOSS,     /* mean training loss of the updates since the last evaluation */
  SWALE_NUMBER_RECENT_VALUE,    /* mean F / beta of the updates since the last evaluation */
  SWALE_NUMBER_ESS_FRACTION,    /* ESS / samples of the last update; NaN where there are neither weights nor chains */
  SWALE_NUMBER_VALIDATION_LOSS, /* of the last evaluation; NaN before it, or without validation examples */
  SWALE_NUMBER_VALIDATION_ACCURACY, /* classification: accuracy; regression: R² */
  SWALE_NUMBER_TRAIN_LOSS,          /* these four after swale_run_finish; regression: of the standardized numbers */
  SWALE_NUMBER_TRAIN_ACCURACY,
  SWALE_NUMBER_TEST_LOSS,
  SWALE_NUMBER_TEST_ACCURACY,
  SWALE_NUMBER_HELD,        /* option monotone: updates whose decrease held, */
  SWALE_NUMBER_UNDECIDED,   /* … was within the band, */
  SWALE_NUMBER_VIOLATED,    /* … failed beyond it */
  SWALE_NUMBER_RESTORED,    /* times that the run went back to its last good state */
  SWALE_NUMBER_SAVED,       /* update of the newest checkpoint that this run can go on from; NaN: there is none */
  SWALE_NUMBER_BEST_UPDATE, /* option patience: of the best evaluation so far; NaN without */
  SWALE_NUMBER_ACCEPTANCE,  /* these two of the last update, where the sampler is chains; NaN elsewhere */
  SWALE_NUMBER_MIXING_TIME,
  SWALE_NUMBER_RANKS,      /* processes that share the run (mpi.h) */
  SWALE_NUMBER_BYTES,      /* received by this rank in the updates since the run was made or resumed, */
  SWALE_NUMBER_EXCHANGES,  /* … in so many exchanges; */
  SWALE_NUMBER_AGREEMENTS, /* and how often the ranks agreed that all is well */
  SWALE_NUMBER_EPOCHS_PLANNED,
  SWALE_NUMBER_TEST_BALANCED_ACCURACY, /* these five after swale_run_finish, as swale_measure names them; NaN without test examples */
  SWALE_NUMBER_TEST_F1,
  SWALE_NUMBER_TEST_ROC_AUC,
  SWALE_NUMBER_TEST_RMSE,
  SWALE_NUMBER_TEST_MAE
} swale_number;
SWALE_API double swale_run_number(const swale_run *run, swale_number number);

/* The value of an option as this run uses it, into `text` (capacity bytes): nothing is automatic any more, but beta
 * where it is auto:F. SWALE_ERROR_USAGE for a name that does not exist, or too little room. */
SWALE_API SWALE_NODISCARD swale_status swale_run_setting(const swale_run *run, const char *name, char *text,
                                                         size_t capacity);

/* 1 if the run classifies, 0 if it predicts numbers. */
/* Why task = auto took the data for a classification, or not; NULL where the task was given, or the data are images. */
SWALE_API const char *swale_run_reason(const swale_run *run);
SWALE_API int swale_run_classifies(const swale_run *run);

/* The resolved model, such as "mlp:784-32-10". Owned by the run. */
SWALE_API const char *swale_run_model(const swale_run *run);

/* Evaluate a saved model (option `model`): loss and accuracy at x, F_LE / beta and F_H by `samples` draws of N(x, tau I) for each
 * tau of the option `taus`, accuracy under noise and rounding, and the loss along random directions. beta = auto means 1
 * here; seed is that of the draws.
 *
 * Data options that are not set are those of the run in whose folder the model lies, and the examples of a split are called
 * so only if they are those of the run, by their checksums in its log: `split` = auto takes its test examples, and all
 * rows of any other data; another split of other data is refused, but a test set of the source's own. */
typedef struct swale_evaluation swale_evaluation;
SWALE_API SWALE_NODISCARD swale_status swale_evaluation_create(const swale_options *options,
                                                               swale_evaluation **evaluation);
SWALE_API void swale_evaluation_destroy(swale_evaluation *evaluation); /* NULL is legal */

typedef enum swale_measure {
  SWALE_MEASURE_EXAMPLES,
  SWALE_MEASURE_LOSS,
  SWALE_MEASURE_ACCURACY,      /* classification: accuracy; regression: R² */
  SWALE_MEASURE_LOCAL_ENTROPY, /* this and the next four of the first tau; F_LE / beta, in units of the loss */
  SWALE_MEASURE_LOCAL_ENTROPY_SE,
  SWALE_MEASURE_HEAT,
  SWALE_MEASURE_HEAT_SE,
  SWALE_MEASURE_ESS, /* of the importance weights of the local entropy, in draws */
  SWALE_MEASURE_BETA,
  SWALE_MEASURE_TAU, /* the first */
  SWALE_MEASURE_SAMPLES,
  SWALE_MEASURE_DIM,
  SWALE_MEASURE_CLASSES,          /* 0: it does not classify */
  SWALE_MEASURE_SUBSET,           /* examples of the sections tau and profile, chosen at random */
  SWALE_MEASURE_SUBSET_LOSS,      /* at x, over them */
  SWALE_MEASURE_PROFILE_TAU,      /* distance 1 of the profile is sqrt(tau dim) */
  SWALE_MEASURE_DIRECTIONS,       /* of the profile */
  SWALE_MEASURE_ROOT_MEAN_SQUARE, /* of the parameters */
  SWALE_MEASURE_TEMPERED_SAMPLES, /* particles, where the section tau is tempered */
  /* Of the answers, none weighted; NaN where the task is another one. Means over the classes that are labels or answers. */
  SWALE_MEASURE_BALANCED_ACCURACY, /* mean recall of the classes that are labels */
  SWALE_MEASURE_PRECISION,
  SWALE_MEASURE_RECALL,
  SWALE_MEASURE_F1,
  SWALE_MEASURE_ROC_AUC, /* of two classes: that an example of the second gets a higher probability of it than one of the
                            first; ties count half */
  SWALE_MEASURE_RMSE,    /* regression, in the units of the target: root mean square error, mean absolute error */
  SWALE_MEASURE_MAE
} swale_measure;
SWALE_API double swale_evaluation_number(const swale_evaluation *evaluation, swale_measure measure);
SWALE_API int swale_evaluation_classifies(const swale_evaluation *evaluation);
SWALE_API const char *swale_evaluation_model(const swale_evaluation *evaluation); /* "mlp:784-32-10" */
/* What was measured: "training", "validation" or "test" of the run that made the model, "test" of a source with a test set,
 * or "all"; of which source; and 1 if these are examples of the run's data, unchanged. */
SWALE_API const char *swale_evaluation_split(const swale_evaluation *evaluation);
SWALE_API const char *swale_evaluation_data(const swale_evaluation *evaluation);
SWALE_API int swale_evaluation_owns(const swale_evaluation *evaluation);
SWALE_API const char *swale_evaluation_json(const swale_evaluation *evaluation); /* one JSON object */
/* That object and a newline into the file `path`, written beside it and renamed. A run folder keeps it as
 * evaluation.json, which a report reads. */
SWALE_API SWALE_NODISCARD swale_status swale_evaluation_save(const swale_evaluation *evaluation, const char *path);

/* The tables of an evaluation, and what their rows hold. */
typedef enum swale_section {
  SWALE_SECTION_TAU,      /* tau: LEVEL, and BETA to SANDWICH */
  SWALE_SECTION_NOISE,    /* N(0, tau I) on all parameters: LEVEL (tau) to DRAWS; over all examples */
  SWALE_SECTION_RELATIVE, /* w (1 + r xi): the same, LEVEL is r */
  SWALE_SECTION_BITS,     /* weights rounded to k bits: LEVEL (k), LOSS and ACCURACY */
  SWALE_SECTION_PROFILE /* x + t sqrt(tau dim) along random directions: LEVEL (t), LOSS, LOSS_SE and LOWEST to WORST */
} swale_section;

typedef enum swale_column {
  SWALE_COLUMN_LEVEL,
  SWALE_COLUMN_LOSS, /* mean over draws or directions */
  SWALE_COLUMN_LOSS_SE,
  SWALE_COLUMN_ACCURACY, /* regression: R² */
  SWALE_COLUMN_ACCURACY_SE,
  SWALE_COLUMN_DRAWS,
  SWALE_COLUMN_BETA,
  SWALE_COLUMN_HEAT, /* F_H */
  SWALE_COLUMN_HEAT_SE,
  SWALE_COLUMN_LOCAL_ENTROPY, /* F_LE / beta: the tempered estimate where there is one, else by importance weights */
  SWALE_COLUMN_LOCAL_ENTROPY_SE,
  SWALE_COLUMN_PER_EXAMPLE, /* mean over examples of -log E exp(-beta l_b) / beta */
  SWALE_COLUMN_PER_EXAMPLE_SE,
  SWALE_COLUMN_ESS,        /* of the importance weights, in draws */
  SWALE_COLUMN_IMPORTANCE, /* F_LE / beta by importance weights, whatever their ESS */
  SWALE_COLUMN_TEMPERED,   /* 1: LOCAL_ENTROPY is by the tempered sampler; 0: not needed; NaN: needed, see the note */
  SWALE_COLUMN_SANDWICH,   /* PER_EXAMPLE <= LOCAL_ENTROPY <= HEAT within 3 standard errors: 1 or 0; NaN: not known */
  SWALE_COLUMN_LOWEST,     /* least loss over the directions, quantile 0.1, median, quantile 0.9, largest */
  SWALE_COLUMN_LOW,
  SWALE_COLUMN_MEDIAN,
  SWALE_COLUMN_HIGH,
  SWALE_COLUMN_HIGHEST,
  SWALE_COLUMN_WORST /* along the direction of the largest loss at distance 1, which points there */
} swale_column;

SWALE_API size_t swale_evaluation_rows(const swale_evaluation *evaluation, swale_section section);
/* NaN where the column is not of the section, or not known. row < swale_evaluation_rows. */
SWALE_API double swale_evaluation_cell(const swale_evaluation *evaluation, swale_section section, size_t row,
                                       swale_column column);
/* Section tau: why the tempered sampler was not used where it was needed; "" elsewhere. */
SWALE_API const char *swale_evaluation_note(const swale_evaluation *evaluation, size_t row);

/* Examples of class `label` that are taken for class `predicted`; both < SWALE_MEASURE_CLASSES. */
SWALE_API size_t swale_evaluation_confusion(const swale_evaluation *evaluation, size_t label, size_t predicted);
/* Of one class; 0 / 0 is 0 where the class is a label or an answer, and NaN where it is neither. */
typedef enum swale_class_measure {
  SWALE_CLASS_PRECISION, /* of those taken for it, the fraction that is */
  SWALE_CLASS_RECALL,    /* of its examples, the fraction that is taken for it */
  SWALE_CLASS_F1,        /* the harmonic mean of both */
  SWALE_CLASS_SUPPORT    /* its examples */
} swale_class_measure;
SWALE_API double swale_evaluation_class(const swale_evaluation *evaluation, size_t label, swale_class_measure measure);
SWALE_API const char *swale_evaluation_class_name(const swale_evaluation *evaluation, size_t label);

#ifdef __cplusplus
}
#endif
#endif
