using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Events;
using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.Tests.History.Format;

/// <summary>A directory that the product wrote: a segment of 300 records with all that a record can have, and what came after it.</summary>
internal sealed class FormatRig : IDisposable
{
    public const int SegmentEvents = 300;

    private readonly List<WrittenRecord> _written = [];

    public FormatRig()
    {
        History = new HistoryRig(HistoryRig.Unlimited with { SegmentEvents = SegmentEvents }, DirectoryStore.Open(Directory.Path, NullLogger.Instance));
        Append(new PushEvent
        {
            Topic = "sites/é/1",
            Alternates = ["b", "sites/c"],
            Type = "type",
            ContentType = "text/plain",
            Key = "key",
            Id = "own",
            TraceParent = "00-1-2-00",
            Ttl = TimeSpan.FromSeconds(90),
            Private = true,
            Priority = EventPriority.Critical,
            Payload = Encoding.UTF8.GetBytes(new string('x', 300)),
        });
        Append(new PushEvent { Topic = "end/a", Final = true });
        Append(EventFlags.Marker, new PushEvent { Topic = "end/b" });
        Append(new PushEvent { Topic = "batch", Payload = new byte[] { 1 } }, new PushEvent { Topic = "batch" }, new PushEvent { Topic = "batch" });
        while (_written.Count < SegmentEvents + 20)
        {
            var i = _written.Count;
            Append(new PushEvent { Topic = $"topics/{i % 70}", Key = i % 3 == 0 ? null : $"key-{i % 2}", Private = i % 5 == 0, Payload = new byte[i] });
        }

        History.History.Sync();
        History.History.Settle();
    }

    public TemporaryDirectory Directory { get; } = new();

    public HistoryRig History { get; }

    public IReadOnlyList<WrittenRecord> Written => _written;

    public string StatePath => Path.Combine(Directory.Path, "state");

    public string SidecarPath => Path.ChangeExtension(Directory.Segments[0], ".index");

    public void Dispose()
    {
        History.Dispose();
        Directory.Dispose();
    }

    /// <summary>Appends a batch.</summary>
    private void Append(params PushEvent[] events) => Append(EventFlags.None, events);

    private void Append(EventFlags extra, params PushEvent[] events)
    {
        var batch = new List<byte>();
        for (var place = 0; place < events.Length; place++)
        {
            var goesOn = place < events.Length - 1;
            var (offset, time) = (History.History.NextOffset + place, History.Now + (_written.Count * 7 % 100)); // Times need not rise.
            var record = Records.Make(events[place], offset, time, extra);
            EventRecordWriter.StampPlace(record, place);
            if (goesOn)
            {
                EventRecordWriter.StampContinued(record);
            }

            batch.AddRange(record);
            _written.Add(new WrittenRecord(events[place], offset, time, extra, goesOn ? (byte)1 : (byte)0, (ushort)place));
        }

        History.History.Append(batch.ToArray());
    }
}
