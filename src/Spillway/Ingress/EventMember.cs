namespace Spillway.Ingress;

/// <summary>The members of an event in JSON; a set of them.</summary>
[Flags]
internal enum EventMember
{
    None = 0,
    Topic = 1,
    Alternates = 1 << 1,
    Type = 1 << 2,
    Payload = 1 << 3,
    PayloadBase64 = 1 << 4,
    ContentType = 1 << 5,
    Key = 1 << 6,
    Priority = 1 << 7,
    Ttl = 1 << 8,
    Private = 1 << 9,
    Final = 1 << 10,
    Id = 1 << 11,
    TraceParent = 1 << 12,
}
