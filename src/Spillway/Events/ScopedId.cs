namespace Spillway.Events;

/// <summary>
/// A publisher's id of an event as records hold it: with the publisher's own mark and a space in front, which no id can have, so that ids of different publishers never meet, also not those
/// that are read from history after a restart. Where nobody asks who publishes, there is no mark.
/// </summary>
internal static class ScopedId
{
    /// <param name="mark">Of the publisher; empty: none.</param>
    /// <param name="id">The publisher's id.</param>
    public static string Join(string mark, string id) => mark.Length == 0 ? id : $"{mark} {id}";

    /// <summary>The id as its publisher gave it.</summary>
    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> id) => id[(id.IndexOf((byte)' ') + 1)..];
}
