"""Find who was to hear of a change by its place in the log

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-23 15:36:00

"""
from alembic import op


# revision identifiers, used by Alembic.
revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('change_audience', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_change_audience_seq'), ['seq'], unique=False)


def downgrade():
    with op.batch_alter_table('change_audience', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_change_audience_seq'))
