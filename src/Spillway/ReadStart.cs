using Spillway.Events;
using Spillway.Hub;

namespace Spillway;

/// <summary>Where a reader begins.</summary>
public sealed class ReadStart
{
    private ReadStart(StartKind kind)
    {
        Kind = kind;
    }

    /// <summary>With what is published after the reading has begun.</summary>
    public static ReadStart Now { get; } = new(StartKind.Now);

    /// <summary>With the oldest event kept.</summary>
    public static ReadStart Earliest { get; } = new(StartKind.Earliest);

    internal StartKind Kind { get; }

    internal string Cursor { get; private init; } = "";

    internal long Time { get; private init; }

    internal int Count { get; private init; }

    /// <summary>After a cursor: of <see cref="ReadEvent.Cursor"/>, <see cref="PublishResult.Cursor"/> or a subscriber. If it belongs to another history, a gap comes first.</summary>
    /// <exception cref="ArgumentException">The text is not a cursor.</exception>
    public static ReadStart After(string cursor)
    {
        ArgumentNullException.ThrowIfNull(cursor);
        return CursorCodec.HasForm(cursor)
            ? new ReadStart(StartKind.Cursor) { Cursor = cursor }
            : throw new ArgumentException($"\"{cursor}\" is not a cursor; pass one that a hub gave you, as it was, or begin with {nameof(Earliest)}.", nameof(cursor));
    }

    /// <summary>With the first event at or after a time.</summary>
    public static ReadStart Since(DateTimeOffset time) => new(StartKind.Since) { Time = time.ToUnixTimeMilliseconds() };

    /// <summary>With the newest <paramref name="events"/> of the selected events, or all if there are fewer.</summary>
    public static ReadStart Last(int events)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(events, 1);
        return new ReadStart(StartKind.Last) { Count = events };
    }
}
