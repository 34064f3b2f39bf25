"""Count records of a status by month

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-23 21:50:00.000000

"""
from alembic import op


# revision identifiers, used by Alembic.
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

FILTERED = ('pnd_status', 'pp30_status', 'pp30_payment_status')


def upgrade():
    for status in FILTERED:
        columns = [status, 'tax_year', 'tax_month']
        op.create_index(op.f(f"ix_monthly_tax_data_{'_'.join(columns)}"), 'monthly_tax_data', columns)


def downgrade():
    for status in FILTERED:
        op.drop_index(op.f(f'ix_monthly_tax_data_{status}_tax_year_tax_month'), table_name='monthly_tax_data')
