using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using Spillway.Microbenchmarks;

// Everything BenchmarkDotNet finds in this assembly; measurements that need their own loop are added here by their first argument.
if (args is ["heart"])
{
    HeartMeasurement.Run();
    return;
}

if (args is ["history-open", ..])
{
    HistoryOpenMeasurement.Run(args.AsSpan(1));
    return;
}

if (args is ["log", ..])
{
    LogMeasurement.Run(args.AsSpan(1));
    return;
}

if (args is ["sweep", ..])
{
    SweepMeasurement.Run(args.AsSpan(1));
    return;
}

if (args is ["dispatch", ..])
{
    DispatchMeasurement.Run(args.AsSpan(1));
    return;
}

var results = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../benchmarks")); // artifacts/benchmarks, wherever this is started from.
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, ManualConfig.Create(DefaultConfig.Instance).WithArtifactsPath(results));
