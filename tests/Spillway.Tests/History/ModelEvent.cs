using System.Text;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.History;

/// <summary>One event of the model, with the record that history is given.</summary>
internal sealed record ModelEvent(long Offset, long Time, string[] Names, string? Key, EventFlags Flags, byte[] Record)
{
    public byte[][] Topics { get; } = [.. Names.Select(Encoding.UTF8.GetBytes)];

    public bool IsMarker => (Flags & EventFlags.Marker) != 0;

    public bool EndsTopic => (Flags & (EventFlags.Marker | EventFlags.Final)) != 0;

    /// <summary>Milliseconds since 1970 after which it has expired.</summary>
    public long Expires { get; private init; } = long.MaxValue;

    public static ModelEvent Make(long offset, long time, string[] names, string? key, EventFlags flags, int payload, int? ttl = null)
    {
        var source = new PushEvent { Topic = names[0], Alternates = names[1..], Key = key, Payload = new byte[payload], Ttl = ttl is { } some ? TimeSpan.FromMilliseconds(some) : null };
        return new ModelEvent(offset, time, names, key, flags, Records.Make(source, offset, time, flags)) { Expires = ttl is null ? long.MaxValue : time + ttl.Value };
    }
}
