/*
 * Native LightGBM behind a pipe: the shared library of the Python wheel, called through its C API with one thread.
 *
 * Usage: harness LIB_LIGHTGBM_SO
 *
 * One command per line on stdin; each is answered by a line "ok N" and N bytes, or by "error TEXT".
 *   model PATH                                    read and load a model; the answer is the text's size and the number of trees (2 int64)
 *   rows PATH COLUMNS                             read row-major float64 rows; the answer is their number (int64)
 *   dump PATHKIND KIND DTYPE START N [PARAMETERS] outputs as float64; PATHKIND fast|single|mat, KIND pred|raw|leaf|contrib, DTYPE f64|f32
 *   time PATHKIND KIND DTYPE START N BLOCK        nanoseconds, of CPU time and by the clock (2 doubles), for N rows from START on (wrapping), one by one or in blocks of BLOCK rows
 *   load                                          nanoseconds: text -> booster, text -> first prediction (2 doubles)
 *   heap                                          bytes: growth of the heap by a loaded booster, growth of the resident set (2 doubles)
 *   quit
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef void *Handle;
enum { DTYPE_F32 = 0, DTYPE_F64 = 1 };

static const char *(*last_error)(void);
static int (*load_from_string)(const char *, int *, Handle *);
static int (*booster_free)(Handle);
static int (*num_feature)(Handle, int *);
static int (*num_models)(Handle, int *);
static int (*calc_num_predict)(Handle, int, int, int, int, int64_t *);
static int (*predict_mat)(Handle, const void *, int, int32_t, int32_t, int, int, int, int, const char *, int64_t *, double *);
static int (*predict_single)(Handle, const void *, int, int, int, int, int, int, const char *, int64_t *, double *);
static int (*fast_init)(Handle, int, int, int, int, int32_t, const char *, Handle *);
static int (*fast_predict)(Handle, const void *, int64_t *, double *);
static int (*fast_free)(Handle);

static void *lib;
static char *text;
static size_t text_bytes;
static Handle booster;
static double *rows64;
static float *rows32;
static int64_t n_rows;
static int columns;
static char failure[1024];

static int fail(const char *what) {
  snprintf(failure, sizeof failure, "%s", what);
  return -1;
}

static int check(int code) { return code == 0 ? 0 : fail(last_error()); }

static void *symbol(const char *name) {
  void *found = dlsym(lib, name);
  if (!found) {
    fprintf(stderr, "no symbol %s\n", name);
    exit(1);
  }
  return found;
}

static double ns_of(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static double now_ns(void) { return ns_of(CLOCK_MONOTONIC); }

/* What the process has used: a long round is often interrupted on a busy machine, and the clock would tell of others. */
static double cpu_ns(void) { return ns_of(CLOCK_PROCESS_CPUTIME_ID); }

static void reply(const void *data, size_t bytes) {
  printf("ok %zu\n", bytes);
  fwrite(data, 1, bytes, stdout);
  fflush(stdout);
}

static char *read_file(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  fseek(file, 0, SEEK_END);
  *bytes = ftell(file);
  rewind(file);
  char *data = malloc(*bytes + 1);
  if (fread(data, 1, *bytes, file) != *bytes) *bytes = 0;
  data[*bytes] = 0;
  fclose(file);
  return data;
}

static const char *threads_and(const char *parameters) {
  static char joined[1024];
  snprintf(joined, sizeof joined, "num_threads=1 verbosity=-1 %s", parameters ? parameters : "");
  return joined;
}

static int kind_of(const char *name) {
  static const char *names[] = {"pred", "raw", "leaf", "contrib"};
  for (int i = 0; i < 4; i++)
    if (!strcmp(name, names[i])) return i;
  return -1;
}

static const void *row_at(int dtype, int64_t row) {
  return dtype == DTYPE_F64 ? (const void *)(rows64 + row * columns) : (const void *)(rows32 + row * columns);
}

static int cmd_model(const char *path) {
  if (booster) booster_free(booster);
  booster = NULL;
  free(text);
  text = read_file(path, &text_bytes);
  if (!text) return fail("cannot read the model");
  int iterations, trees;
  if (check(load_from_string(text, &iterations, &booster))) return -1;
  if (check(num_models(booster, &trees))) return -1;
  int64_t answer[2] = {(int64_t)text_bytes, trees};
  reply(answer, sizeof answer);
  return 0;
}

static int cmd_rows(const char *path, int n_columns) {
  size_t bytes;
  free(rows64);
  free(rows32);
  columns = n_columns;
  rows64 = (double *)read_file(path, &bytes);
  if (!rows64) return fail("cannot read the rows");
  n_rows = bytes / 8 / columns;
  rows32 = malloc(n_rows * columns * sizeof *rows32);
  for (int64_t i = 0; i < n_rows * columns; i++) rows32[i] = (float)rows64[i];
  reply(&n_rows, sizeof n_rows);
  return 0;
}

/* start_iteration and num_iteration are arguments of the C API, not parameters; here they are written among the parameters and taken out. */
static int argument(char *parameters, const char *name, int otherwise) {
  char *found = parameters ? strstr(parameters, name) : NULL;
  if (!found) return otherwise;
  int value = atoi(found + strlen(name));
  while (*found && *found != ' ') *found++ = ' ';
  return value;
}

static int cmd_dump(const char *how, int kind, int dtype, int64_t start, int64_t n, char *parameters) {
  if (start < 0 || n < 0 || start + n > n_rows) return fail("rows out of range");
  int first = argument(parameters, "start_iteration=", 0), count = argument(parameters, "num_iteration=", -1);
  int64_t per_row, length;
  if (check(calc_num_predict(booster, 1, kind, first, count, &per_row))) return -1;
  double *out = calloc(n * per_row + 1, sizeof *out);
  Handle fast = NULL;
  int failed = 0;
  const char *config = threads_and(parameters);
  if (!strcmp(how, "mat")) {
    failed = check(predict_mat(booster, row_at(dtype, start), dtype, n, columns, 1, kind, first, count, config, &length, out));
  } else if (!strcmp(how, "single")) {
    for (int64_t i = 0; i < n && !failed; i++)
      failed = check(predict_single(booster, row_at(dtype, start + i), dtype, columns, 1, kind, first, count, config, &length, out + i * per_row));
  } else {
    failed = check(fast_init(booster, kind, first, count, dtype, columns, config, &fast));
    for (int64_t i = 0; i < n && !failed; i++) failed = check(fast_predict(fast, row_at(dtype, start + i), &length, out + i * per_row));
    if (fast) fast_free(fast);
  }
  if (!failed) reply(out, n * per_row * sizeof *out);
  free(out);
  return failed;
}

static int cmd_time(const char *how, int kind, int dtype, int64_t start, int64_t n, int64_t block) {
  int64_t per_row, length, pool = n_rows;
  if (check(calc_num_predict(booster, 1, kind, 0, -1, &per_row))) return -1;
  int fast_path = !strcmp(how, "fast");
  if (fast_path) block = 1;
  double *out = malloc(block * per_row * sizeof *out);
  Handle fast = NULL;
  int failed = fast_path ? check(fast_init(booster, kind, 0, -1, dtype, columns, threads_and(NULL), &fast)) : 0;
  const char *config = threads_and(NULL);
  double started = now_ns(), cpu_started = cpu_ns();
  for (int64_t done = 0; done < n && !failed; done += block) {
    int64_t row = (start + done) % pool;
    if (row + block > pool) row = pool - block;
    failed = fast_path ? check(fast_predict(fast, row_at(dtype, row), &length, out))
                       : check(predict_mat(booster, row_at(dtype, row), dtype, block, columns, 1, kind, 0, -1, config, &length, out));
  }
  double elapsed[2] = {cpu_ns() - cpu_started, now_ns() - started};
  if (fast) fast_free(fast);
  free(out);
  if (!failed) reply(elapsed, sizeof elapsed);
  return failed;
}

static int cmd_load(void) {
  Handle loaded = NULL, fast = NULL;
  int iterations;
  int64_t per_row, length;
  double started = now_ns();
  if (check(load_from_string(text, &iterations, &loaded))) return -1;
  double after_load = now_ns();
  if (check(calc_num_predict(loaded, 1, 1, 0, -1, &per_row))) return -1;
  double *out = malloc(per_row * sizeof *out);
  if (check(fast_init(loaded, 1, 0, -1, DTYPE_F64, columns, threads_and(NULL), &fast))) return -1;
  if (check(fast_predict(fast, rows64, &length, out))) return -1;
  double times[2] = {after_load - started, now_ns() - started};
  fast_free(fast);
  booster_free(loaded);
  free(out);
  reply(times, sizeof times);
  return 0;
}

static double resident_bytes(void) {
  long total = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file && fscanf(file, "%ld %ld", &total, &resident) != 2) resident = 0;
  if (file) fclose(file);
  return (double)resident * sysconf(_SC_PAGESIZE);
}

static double heap_bytes(void) {
  struct mallinfo2 info = mallinfo2();
  return (double)info.uordblks + (double)info.hblkhd;
}

static int cmd_heap(void) {
  enum { COPIES = 4 };
  Handle loaded[COPIES];
  int iterations;
  malloc_trim(0);
  double heap = heap_bytes(), resident = resident_bytes();
  for (int i = 0; i < COPIES; i++)
    if (check(load_from_string(text, &iterations, &loaded[i]))) return -1;
  malloc_trim(0);
  double growth[2] = {(heap_bytes() - heap) / COPIES, (resident_bytes() - resident) / COPIES};
  for (int i = 0; i < COPIES; i++) booster_free(loaded[i]);
  reply(growth, sizeof growth);
  return 0;
}

static int run(char *line) {
  char *part[8] = {0};
  int parts = 0;
  char *rest = line;
  char *command = strsep(&rest, " ");
  int limit = !strcmp(command, "dump") ? 6 : 7;
  while (rest && parts < limit - 1) part[parts++] = strsep(&rest, " ");
  if (rest) part[parts++] = rest;
  if (!strcmp(command, "model") && parts == 1) return cmd_model(part[0]);
  if (!strcmp(command, "rows") && parts == 2) return cmd_rows(part[0], atoi(part[1]));
  if (!booster) return fail("no model");
  if (!strcmp(command, "heap")) return cmd_heap();
  if (!rows64) return fail("no rows");
  if (!strcmp(command, "load")) return cmd_load();
  if (parts < 5) return fail("unknown command");
  int kind = kind_of(part[1]), dtype = !strcmp(part[2], "f32") ? DTYPE_F32 : DTYPE_F64;
  int64_t start = atoll(part[3]), n = atoll(part[4]);
  if (!strcmp(command, "dump")) return cmd_dump(part[0], kind, dtype, start, n, part[5]);
  if (!strcmp(command, "time") && parts == 6) return cmd_time(part[0], kind, dtype, start, n, atoll(part[5]));
  return fail("unknown command");
}

int main(int argc, char **argv) {
  if (argc != 2 || !(lib = dlopen(argv[1], RTLD_NOW))) {
    fprintf(stderr, "usage: harness LIB_LIGHTGBM_SO\n%s\n", argc == 2 ? dlerror() : "");
    return 2;
  }
  *(void **)&last_error = symbol("LGBM_GetLastError");
  *(void **)&load_from_string = symbol("LGBM_BoosterLoadModelFromString");
  *(void **)&booster_free = symbol("LGBM_BoosterFree");
  *(void **)&num_feature = symbol("LGBM_BoosterGetNumFeature");
  *(void **)&num_models = symbol("LGBM_BoosterNumberOfTotalModel");
  *(void **)&calc_num_predict = symbol("LGBM_BoosterCalcNumPredict");
  *(void **)&predict_mat = symbol("LGBM_BoosterPredictForMat");
  *(void **)&predict_single = symbol("LGBM_BoosterPredictForMatSingleRow");
  *(void **)&fast_init = symbol("LGBM_BoosterPredictForMatSingleRowFastInit");
  *(void **)&fast_predict = symbol("LGBM_BoosterPredictForMatSingleRowFast");
  *(void **)&fast_free = symbol("LGBM_FastConfigFree");
  int (*set_max_threads)(int) = NULL;
  *(void **)&set_max_threads = symbol("LGBM_SetMaxThreads");
  set_max_threads(1);
  char *line = NULL;
  size_t capacity = 0;
  ssize_t length;
  while ((length = getline(&line, &capacity, stdin)) > 0) {
    if (line[length - 1] == '\n') line[length - 1] = 0;
    if (!strcmp(line, "quit")) break;
    if (run(line) != 0) {
      for (char *c = failure; *c; c++)
        if (*c == '\n') *c = ' ';
      printf("error %s\n", failure);
      fflush(stdout);
    }
  }
  free(line);
  return 0;
}
