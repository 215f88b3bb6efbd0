namespace Spillway.Access.Introspection;

/// <summary>A server to ask, as it was configured, read and without faults.</summary>
/// <param name="Options">What was configured.</param>
/// <param name="Address">Where it is asked.</param>
/// <param name="Secret">What the hub proves itself with.</param>
internal sealed record IntrospectionPlan(IntrospectionOptions Options, Uri Address, string Secret)
{
    /// <summary>Of all this.</summary>
    public string Digest { get; } = OptionDigest.Of(Options, OptionDigest.Of(Secret));
}
