export { defaultBatchify } from './batchify.ts';
export { ArrayDataset, type Dataset, DatasetBase, SimpleDataset } from './dataset.ts';
export { DataLoader, type LoaderOptions } from './loader.ts';
export { RecordFileDataset, recordBytes } from './record-file.ts';
export { BatchSampler, FilterSampler, IntervalSampler, type LastBatch, RandomSampler, type Sampler, SequentialSampler } from './sampler.ts';
