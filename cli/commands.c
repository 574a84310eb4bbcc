/* commands.c - the only list of commands. A new one is its file and one entry here. */
#include "command.h"

#include <string.h>

static const cli_command commands[] = {
    {.name = "train",
     .usage = "[FILE.conf | --resume=RUN] [--NAME=VALUE ...]",
     .brief = "train a network; defaults < FILE.conf < command line",
     .details =
         "Trains by sampling and keeps everything in a run folder: config.conf (can be fed back), log.jsonl (one "
         "record per evaluation), model.safetensors (opens in PyTorch), report.html (a page with plots) and "
         "checkpoints. "
         "Progress goes to standard error. "
         "Ctrl-C finishes the update, writes everything and exits 130; a second Ctrl-C ends at once. --resume goes on "
         "with a run that ended, was interrupted or killed, as if it had not been; the budget and a few other options "
         "may change.",
     .flags = {{"--resume=RUN", "go on with the run in this folder, from its newest checkpoint"}},
     .options = "data model activation loss regularizer sampler optimizer samples tau beta rate batch epochs seconds "
                "evaluate-every seed threads out json",
     .options_title = "Options that matter most (all of them: swale options):",
     .examples = {{"swale train", "synthetic digits, all defaults"},
                  {"swale train --data=mnist --model=mlp:784-128-10 --samples=400 --epochs=5",
                   "a wider network on MNIST"},
                  {"swale train --regularizer=heat --activation=sign --out=runs/sign",
                   "hard thresholds, which have no derivative"},
                  {"swale train runs/1/config.conf --seed=2", "the first run again, with another seed"},
                  {"swale train --resume=runs/1 --epochs=40", "the first run, longer"}},
     .stops_in_order = 1,
     .words = 1,
     .run = cli_train},
    {.name = "evaluate",
     .usage = "MODEL [--NAME=VALUE ...]",
     .brief = "what a saved model is worth: accuracy, flatness, robustness",
     .details =
         "MODEL is a model.safetensors file or a run folder. Where a config.conf lies beside the model, the data it "
         "was trained on is the default; the program says so. Numbers are about the test examples of "
         "that data and all rows of other data, or those of --split: loss, accuracy and "
         "confusions; local entropy, heat and the loss along random directions around x; accuracy under noise on the "
         "parameters and with rounded weights. What takes many draws is measured over a random subset, and says so. In "
         "a run folder the numbers become evaluation.json, and figures on the page report.html.",
     .flags = {{"--json", "one JSON object on standard output instead of a table"},
               {"--out=FILE", "the JSON object into FILE instead of the run folder; none writes nothing"}},
     .options = "data target validation test limit split-seed seed split tau taus beta samples antithetic examples "
                "perturb-taus "
                "perturb-relative perturb-draws bits directions threads kernels",
     .options_title = "Options:",
     .restricted = 1,
     .examples = {{"swale evaluate runs/1", "on the test examples of its own data"},
                  {"swale evaluate runs/1 --split=validation", "the examples to choose options on"},
                  {"swale evaluate runs/1/model.safetensors --tau=0.01 --samples=2000", "how flat it is, farther out"},
                  {"swale evaluate runs/1 --data=csv:new.csv --json", "on other data, for a program"}},
     .words = 1,
     .run = cli_evaluate},
    {.name = "predict",
     .usage = "MODEL --data=SOURCE [--out=FILE] [--NAME=VALUE ...]",
     .brief = "what a saved model says about new rows",
     .details = "MODEL is a model.safetensors file or a run folder. One line per row of the data, in their order: "
                "prediction, the "
                "class or the number in the units of the target; then, for classes, probability:NAME for each of them. "
                "Columns of a "
                "table are found by their names, in any order; others are left alone, and the target need not be "
                "there. csv:- is "
                "standard input. Files of any length take the same memory.",
     .flags = {{"--out=FILE", "where the lines go, replacing the file once all is done; - is standard output"},
               {"--keep=NAME,NAME", "columns of the data that are carried over, before the prediction"},
               {"--json", "a JSON object per line instead of CSV"}},
     .options = "data separator header split",
     .options_title = "Options:",
     .restricted = 1,
     .examples = {{"swale predict runs/1 --data=csv:new.csv --out=pred.csv", "a table of predictions"},
                  {"swale predict runs/1 --data=csv:new.csv --keep=id,species", "beside an id and the true class"},
                  {"zcat new.csv.gz | swale predict runs/1 --data=csv:- --json", "for a program, through pipes"},
                  {"swale predict runs/2 --data=mnist", "the test images"}},
     .words = 1,
     .run = cli_predict},
    {.name = "report",
     .usage = "RUN... [--out=FILE]",
     .brief = "one HTML page about a run, or comparing several",
     .details = "Reads run folders and writes one self-contained page: results, curves, what swale evaluate measured, "
                "first-layer weights of images, configurations and where they differ, and what to try next. swale "
                "train writes it for its own run. The page "
                "of one run goes to RUN/report.html; several runs need --out.",
     .flags = {{"--out=FILE", "where the page goes"}},
     .options = "",
     .restricted = 1,
     .examples = {{"swale report runs/1", "into runs/1/report.html, which is replaced"},
                  {"swale report runs/1 runs/2 --out=compare.html", "two runs in the same plots"}},
     .failure = "a run folder could not be read, or the page not written",
     .words = CLI_WORDS_MAX,
     .run = cli_report},
    {.name = "watch",
     .usage = "RUN",
     .brief = "one screen about a run, drawn again while it goes on",
     .details =
         "Shows how far the run is, its last evaluations and how its numbers went. On a terminal the screen is drawn "
         "again every second until the run ends; Ctrl-C leaves it. It only reads: the run does not notice.",
     .flags = {{"--once", "draw it once"}},
     .options = "",
     .restricted = 1,
     .examples = {{"swale watch runs/1", "from another terminal"}},
     .failure = "the run folder could not be read",
     .words = 1,
     .run = cli_watch},
    {.name = "list",
     .usage = "[KIND]",
     .brief = "the regularizers, samplers, noises and optimizers there are",
     .details =
         "Prints every variant with what it does and the paper it comes from. KIND is regularizer, sampler, noise "
         "or optimizer: the option that chooses one has the same name.",
     .flags = {{"--json", "one JSON array on standard output"}},
     .options = "",
     .examples = {{"swale list", "all of them"}, {"swale list sampler", "the samplers"}},
     .failure = "the output could not be written",
     .words = 1,
     .run = cli_list},
    {.name = "options",
     .usage = "[NAME]",
     .brief = "every option with its default, what is allowed and what it does",
     .details = "The same names work on the command line (--tau=0.01), in a configuration file (tau = 0.01) and in C.",
     .flags = {{"--json", "one JSON array on standard output"}, {"--markdown", "the page docs/options.md"}},
     .options = "",
     .examples = {{"swale options", "all of them, in groups"}, {"swale options tau", "one in detail"}},
     .failure = "the output could not be written",
     .words = 1,
     .run = cli_options},
    {.name = "data inspect",
     .usage = "SPEC [--NAME=VALUE ...]",
     .brief = "look at data: examples per split and class, shape, a preview",
     .details = "SPEC is what the option data takes: digits, digits:COUNT, mnist, idx:DIR or csv:FILE. What was "
                "found out about the columns of a table is said.",
     .options = "target task separator header drop missing weight class-weights test-data validation-data split-file "
                "loss validation test limit seed split-seed",
     .options_title = "Options:",
     .restricted = 1,
     .examples = {{"swale data inspect digits", "the synthetic digits"},
                  {"swale data inspect csv:houses.csv --target=price",
                   "a table: which column is predicted, and as what"}},
     .failure = "the work failed: a file, a format, memory",
     .words = 1,
     .run = cli_data_inspect},
    {.name = "data split",
     .usage = "SPEC FILE [--NAME=VALUE ...]",
     .brief = "write which row is for training, validation and the test into a new file",
     .details =
         "A line for each row: its number, from 1, and its split. Change it, or make one yourself, and train with "
         "--split-file=FILE.",
     .options = "target task separator header drop missing loss validation test limit seed split-seed",
     .options_title = "Options:",
     .restricted = 1,
     .examples = {{"swale data split csv:iris.csv split.csv", "what a training with the same options takes"},
                  {"swale train --data=csv:iris.csv --split-file=split.csv", "train on it"}},
     .failure = "the work failed: a file, a format, memory",
     .words = 2,
     .run = cli_data_split},
    {.name = "data make",
     .usage = "SPEC DIR [--NAME=VALUE ...]",
     .brief = "write images as the four IDX files into a new folder",
     .details =
         "Writes the training and test images of SPEC in the format of MNIST, which other programs read too. DIR "
         "must not exist. Train on it with --data=idx:DIR.",
     .options = "limit seed",
     .options_title = "Options:",
     .restricted = 1,
     .examples = {{"swale data make digits:60000 data/digits", "60,000 synthetic digits"},
                  {"swale train --data=idx:data/digits", "train on them"}},
     .failure = "the work failed: a file, a format, memory",
     .words = 2,
     .run = cli_data_make},
};

const cli_pair cli_way[] = {
    {"swale data inspect csv:FILE --target=COLUMN", "look at the table first"},
    {"swale train --data=csv:FILE --target=COLUMN", "it is in runs/1 then"},
    {"swale evaluate runs/1", "how good is it, on new rows?"},
    {"swale predict runs/1 --data=csv:NEW --out=OUT", "a line for each row of NEW"},
    {NULL, NULL},
};

const cli_pair cli_statuses[] = {
    {"0", "done"},
    {"1", "the work failed: a file, a format, memory, numbers that are not finite"},
    {"2", "bad usage: an option, a value, or a combination that cannot work"},
    {"130", "interrupted (143 terminated, 129 hung up); train has written its model and a checkpoint"},
    {NULL, NULL},
};

const cli_pair cli_environment[] = {
    {"SWALE_DATA", "folder that holds mnist/ for --data=mnist (looked at before data/mnist)"},
    {"NO_COLOR", "if set and not empty: no bold type on a terminal"},
    {NULL, NULL},
};

const cli_pair cli_files[] = {
    {"runs/N/config.conf", "the resolved configuration of run N; swale train takes it"},
    {"runs/N/log.jsonl", "one JSON object per evaluation, and a final one"},
    {"runs/N/checkpoint-*.safetensors", "everything that --resume goes on from; the newest two, checksummed"},
    {"runs/N/model.safetensors", "the parameters; architecture and class names are in its metadata"},
    {"runs/N/events.out.tfevents.swale", "with tensorboard = true: the same numbers for TensorBoard"},
    {"runs/N/evaluation.json", "what swale evaluate measured, one JSON object"},
    {"runs/N/report.html", "results, curves and advice as one page for a browser"},
    {NULL, NULL},
};

const cli_command *cli_command_at(size_t index) {
  return index < sizeof commands / sizeof *commands ? &commands[index] : NULL;
}

const cli_command *cli_command_find(const char *name) {
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    if (strcmp(commands[i].name, name) == 0) return &commands[i];
  }
  return NULL;
}
