namespace Spillway.History.Storage;

/// <summary>A segment's file as a tool finds it.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Bytes">How long the file is.</param>
/// <param name="Header">Null where neither copy passes its checksum.</param>
/// <param name="UpTo">The offset above which what it holds is dead: a later segment was begun there.</param>
internal sealed record FoundSegment(string Name, long Bytes, SegmentHeader? Header, long UpTo);
