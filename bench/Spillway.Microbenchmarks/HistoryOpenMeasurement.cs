using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using Spillway.Events;
using Spillway.History;

namespace Spillway.Microbenchmarks;

/// <summary>
/// How long a start takes with a long history in a directory: with sidecars and without, with the files in the system's cache and without, and what it takes in memory.
/// Writes the history first and deletes it afterwards.
/// </summary>
internal sealed partial class HistoryOpenMeasurement : IDisposable
{
    private const int MostGigabytes = 50;
    private const int RecordBytes = 200;
    private const int BatchEvents = 1_000;

    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-open-").FullName;
    private readonly HistoryOptions _options;
    private readonly long _bytes;
    private readonly int _topics;

    private HistoryOpenMeasurement(int gigabytes, int topics)
    {
        (_bytes, _topics) = (gigabytes * 1_000_000_000L, topics);
        _options = new HistoryOptions { Data = _directory, MaxAge = TimeSpan.FromDays(36_500), MaxBytes = 64L * 1024 * 1024 * 1024, MaxEvents = long.MaxValue };
    }

    public static void Run(ReadOnlySpan<string> arguments)
    {
        var gigabytes = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 10;
        var topics = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 1_000_000;
        using var measurement = new HistoryOpenMeasurement(Math.Clamp(gigabytes, 1, MostGigabytes), Math.Max(1, topics));
        measurement.Run();
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private void Run()
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_bytes / 1e9:0} GB in records of {RecordBytes} B, {_topics:N0} topics"));
        Console.WriteLine();
        var seconds = Time(Fill);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"written and synced in {seconds:0.0} s; {Size("*.segment").Files} segments, sidecars {Size("*.index").Bytes / 1e6:0} MB"));
        Console.WriteLine();
        Console.WriteLine("| start | seconds | seconds per GB | heap after it, MB | heap after reads, MB | a topic's first page, ms | again, ms |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        Open("sidecars, files in the system's cache");
        Evict();
        Open("sidecars, files on disk only");
        DeleteSidecars();
        Open("no sidecars, files in the system's cache as far as it holds them");
        DeleteSidecars();
        Evict();
        Open("no sidecars, files on disk only");
    }

    private void Fill()
    {
        using var history = HistoryFactory.Open(_options, TimeProvider.System, NullLoggerFactory.Instance);
        var output = new System.Buffers.ArrayBufferWriter<byte>(BatchEvents * RecordBytes * 2);
        var time = DateTimeOffset.UnixEpoch.ToUnixTimeMilliseconds();
        for (var offset = 1L; offset * RecordBytes <= _bytes; offset++)
        {
            var start = output.WrittenCount;
            var topic = $"sites/{offset % 100}/sensors/{offset * 7_919 % _topics}";
            EventRecordWriter.Write(new PushEvent { Topic = topic, Payload = new byte[RecordBytes - 38 - topic.Length] }, EventFlags.None, output);
            EventRecordWriter.Stamp(MemoryMarshal.AsMemory(output.WrittenMemory)[start..].Span, offset, time + (offset / 100), 0);
            if (offset % BatchEvents == 0)
            {
                history.Append(output.WrittenSpan);
                output.ResetWrittenCount();
            }

            if (offset % (BatchEvents * 50) == 0)
            {
                history.Sync();
            }
        }
    }

    private void Open(string what)
    {
        IHistory? opened = null;
        var seconds = Time(() => opened = HistoryFactory.Open(_options, TimeProvider.System, NullLoggerFactory.Instance));
        using var history = opened!;
        var heap = Heap();
        var topic = new SelectorSet([$"sites/77/sensors/{77L * 7_919 % _topics}"], []);
        var first = Time(() => history.Read(topic, 0, history.Head, 64 * 1024));
        var again = Time(() => history.Read(topic, 0, history.Head, 64 * 1024));
        ReadFromEverywhere(history);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {what} | {seconds:0.00} | {seconds / (_bytes / 1e9):0.000} | {heap:0} | {Heap():0} | {first * 1e3:0.0} | {again * 1e3:0.0} |"));
    }

    /// <summary>Pages of everything, from places all over the history: loads every index.</summary>
    private static void ReadFromEverywhere(IHistory history)
    {
        var all = new SelectorSet([], [TopicPattern.TryParse("**", out var pattern, out var fault) ? pattern! : throw new ArgumentException(fault)]);
        for (var i = 0; i < 500; i++)
        {
            history.Read(all, history.Head / 500 * i, history.Head, 64 * 1024);
        }
    }

    private static double Heap() => GC.GetTotalMemory(forceFullCollection: true) / 1e6;

    private static double Time(Action action)
    {
        var started = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private (int Files, long Bytes) Size(string pattern)
    {
        var files = Directory.GetFiles(_directory, pattern);
        return (files.Length, files.Sum(static file => new FileInfo(file).Length));
    }

    private void DeleteSidecars() => Array.ForEach(Directory.GetFiles(_directory, "*.index"), File.Delete);

    /// <summary>Has the system forget these files, and no others.</summary>
    private void Evict()
    {
        foreach (var path in Directory.GetFiles(_directory))
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(file);
            _ = Advise(file, 0, 0, DoNotNeed);
        }
    }

    private const int DoNotNeed = 4; // POSIX_FADV_DONTNEED of Linux.

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
