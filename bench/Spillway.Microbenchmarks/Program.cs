using BenchmarkDotNet.Running;

// Everything BenchmarkDotNet finds in this assembly; measurements that need their own loop are added here by their first argument.
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
