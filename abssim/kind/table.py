"""All kinds, in the order in which results and sheets show them."""

from abssim.kind.account import ACCOUNT
from abssim.kind.base import Kind
from abssim.kind.claim import Claim
from abssim.kind.fee import FEE
from abssim.kind.holder import HOLDER
from abssim.kind.ledger import LEDGER
from abssim.kind.note import NOTE
from abssim.kind.pool import POOL
from abssim.kind.step import STEP
from abssim.kind.trigger import TRIGGER

KINDS: dict[str, Kind] = {kind.name: kind for kind in (POOL, NOTE, ACCOUNT, LEDGER, FEE, HOLDER, STEP, TRIGGER)}
"""By name. The clock (`abssim.kind.clock`) is not a thing a deal has several of."""
CLAIMS: dict[Claim, Kind] = {claim: kind for kind in KINDS.values() for claim in kind.claims}
"""All that steps may pay, in the order in which payee tables number it, and whose it is."""
