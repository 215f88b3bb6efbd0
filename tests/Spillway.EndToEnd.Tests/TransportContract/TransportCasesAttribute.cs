using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>Runs a behaviour over every column of the contract.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TransportCasesAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>([.. TransportCase.All.Select(static one => new TheoryDataRow<TransportCase>(one))]);

    public override bool SupportsDiscoveryEnumeration() => false; // A case is no constant: it is made when the test runs.
}
