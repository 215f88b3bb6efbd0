using Spillway.History;
using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.Tests.History;

/// <summary>Opens histories in a directory, and keeps what they log.</summary>
internal sealed class DirectoryRig : IDisposable
{
    private readonly LogCollector _logs = new();

    public IEnumerable<int> LogIds => _logs.Lines.Select(static line => line.Id);

    public HistoryRig Open(string path, HistoryLimits? limits = null) => new(limits, DirectoryStore.Open(path, _logs.CreateLogger("History")));

    /// <summary>A directory with a history of so many events, topics t/0 to t/4, left as by a crash.</summary>
    public TemporaryDirectory Crashed(int events, int segmentEvents)
    {
        using var directory = new TemporaryDirectory();
        using var rig = Open(directory.Path, HistoryRig.Unlimited with { SegmentEvents = segmentEvents });
        for (var i = 1; i <= events; i++)
        {
            rig.Append($"t/{i % 5}", payload: i % 7 * 3);
        }

        return directory.Copy();
    }

    public void Dispose() => _logs.Dispose();
}
