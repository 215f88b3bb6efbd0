using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Spillway.Tests.Transports.Parked;

/// <summary>Runs a test over both kinds of sockets, which is its first parameter.</summary>
/// <param name="more">The others.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class SocketKindsAttribute(params object[] more) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>([.. Enum.GetValues<SocketKind>().Select(kind => new TheoryDataRow([kind, .. more]))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
