using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Spillway.EndToEnd.Tests;

/// <summary>Runs a test over both kinds of Spillway's own sockets, which is its first parameter.</summary>
/// <param name="more">The others.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class OwnSocketsAttribute(params object?[] more) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>([new TheoryDataRow([HostSockets.Native, .. more]), new TheoryDataRow([HostSockets.Managed, .. more])]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
