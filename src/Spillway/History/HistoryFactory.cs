using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Spillway.Events;
using Spillway.History.Storage;

namespace Spillway.History;

/// <summary>Opens the history that options ask for.</summary>
internal static class HistoryFactory
{
    public const string InMemory = "memory";

    /// <param name="rules">Whether, and how much, some topics' events are kept by themselves, as it is at any time; null: all alike.</param>
    /// <param name="cancellationToken">Ends waiting for another process that has the directory.</param>
    /// <exception cref="IOException">The directory cannot be used; the message says why, and what to do.</exception>
    public static IHistory Open(
        HistoryOptions options, TimeProvider clock, ILoggerFactory loggers, IMeterFactory? meters = null, RuleBook? rules = null, CancellationToken cancellationToken = default)
    {
        try
        {
            return Create(options, clock, loggers, meters, rules, cancellationToken);
        }
        catch (Exception fault) when (fault is not HistoryLockedException && HistoryFault.IsOfDirectory(fault))
        {
            throw new IOException(HistoryFault.Explain(Path.GetFullPath(options.Data), fault), fault);
        }
    }

    /// <summary>The key of the history's cursors, where those are sealed: beside it, or as old as the process.</summary>
    /// <exception cref="IOException">The file cannot be used; the message says why, and what to do.</exception>
    public static byte[] OpenCursorKey(HistoryOptions options) =>
        options.Data == InMemory ? CursorKeyFile.Make() : new CursorKeyFile(Path.GetFullPath(options.Data)).Open();

    private static SegmentedHistory Create(
        HistoryOptions options, TimeProvider clock, ILoggerFactory loggers, IMeterFactory? meters, RuleBook? rules, CancellationToken cancellationToken)
    {
        var logger = loggers.CreateLogger<SegmentedHistory>();
        ISegmentStore store = options.Data == InMemory
            ? new MemoryStore() : DirectoryStore.Open(Path.GetFullPath(options.Data), logger, options.LockWait, clock, cancellationToken);
        var metrics = new HistoryMetrics(meters);
        try
        {
            return new SegmentedHistory(HistoryLimits.From(options, rules), store, clock, logger, metrics);
        }
        catch
        {
            metrics.Dispose();
            store.Dispose();
            throw;
        }
    }
}
