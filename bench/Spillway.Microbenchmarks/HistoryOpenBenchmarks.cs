using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Events;
using Spillway.History;

namespace Spillway.Microbenchmarks;

/// <summary>How long a start reads a directory: 200 MB in records of 200 B, 1,000 topics, closed properly, in the system's cache.</summary>
public class HistoryOpenBenchmarks
{
    private const int Events = 1_000_000;

    private readonly HistoryOptions _options = new() { Data = Path.Combine(Path.GetTempPath(), $"spillway-bench-{Environment.ProcessId}"), MaxAge = TimeSpan.FromDays(36_500) };

    [GlobalSetup]
    public void Setup()
    {
        using var history = HistoryFactory.Open(_options, TimeProvider.System, NullLoggerFactory.Instance);
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        for (var i = 1; i <= Events; i++)
        {
            var start = output.WrittenCount;
            EventRecordWriter.Write(new PushEvent { Topic = $"sites/{i % 10}/sensors/{i % 1_000}", Payload = new byte[145] }, EventFlags.None, output);
            EventRecordWriter.Stamp(System.Runtime.InteropServices.MemoryMarshal.AsMemory(output.WrittenMemory)[start..].Span, i, i, 0);
            if (i % 1_000 == 0)
            {
                history.Append(output.WrittenSpan);
                output.ResetWrittenCount();
            }
        }
    }

    [GlobalCleanup]
    public void Cleanup() => Directory.Delete(_options.Data, recursive: true);

    [Benchmark]
    public long Open()
    {
        using var history = HistoryFactory.Open(_options, TimeProvider.System, NullLoggerFactory.Instance);
        return history.Head;
    }
}
