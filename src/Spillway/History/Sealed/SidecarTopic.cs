namespace Spillway.History.Sealed;

/// <summary>What a sidecar says of one topic, besides its name.</summary>
/// <param name="Postings">How many records it has; their numbers follow.</param>
internal readonly record struct SidecarTopic(int PublicCount, int PrivateCount, long LastTime, int Postings)
{
    public static SidecarTopic Read(ref SidecarScan scan, SidecarHead head) =>
        new(scan.ReadCount(head.Count), scan.ReadCount(head.Count), head.MaxTime - (long)scan.ReadNumber(), scan.ReadCount(head.Count));
}
