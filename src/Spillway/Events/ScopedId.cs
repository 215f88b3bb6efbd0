namespace Spillway.Events;

/// <summary>
/// A publisher's id of an event as records hold it: with the publisher's own mark and a space in front, which no id can have, so that ids of different publishers never meet, also not those
/// that are read from history after a restart. Where nobody asks who publishes, there is no mark. A mark may begin with a space of names and a slash: then the id is also a name there, by which
/// others ask for the event, and which several publishers may have given.
/// </summary>
internal static class ScopedId
{
    /// <param name="mark">Of the publisher; empty: none.</param>
    /// <param name="id">The publisher's id.</param>
    public static string Join(string mark, string id) => mark.Length == 0 ? id : $"{mark} {id}";

    /// <summary>The space in which the id is a name; empty where it is none.</summary>
    public static ReadOnlySpan<byte> SpaceOf(ReadOnlySpan<byte> id)
    {
        var mark = id[..Math.Max(0, id.IndexOf((byte)' '))];
        return mark[..Math.Max(0, mark.IndexOf((byte)'/'))];
    }

    /// <summary>The id as its publisher gave it.</summary>
    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> id) => id[(id.IndexOf((byte)' ') + 1)..];
}
